from oidc_session import session_keys


def test_key_comes_back():
    assert session_keys.decrypt(session_keys.encrypt("a session key")) == "a session key"


def test_key_of_a_retired_secret_comes_back(settings):
    encrypted, hashed = session_keys.encrypt("a session key"), session_keys.keyed_hash("a session key")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert session_keys.decrypt(encrypted) == "a session key"
    assert hashed in session_keys.keyed_hashes("a session key")
    assert session_keys.keyed_hash("a session key") != hashed


def test_key_of_a_forgotten_secret_is_gone(settings):
    encrypted = session_keys.encrypt("a session key")
    settings.SECRET_KEY = "another"
    assert session_keys.decrypt(encrypted) is None

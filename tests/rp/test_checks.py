import re
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.db import connections
from django.template import Context, Template

import oidc_session.rp
from oidc_session.rp.conf import DEFAULTS
from oidc_session.rp.visit import Visitor

pytestmark = pytest.mark.django_db
PACKAGE = Path(oidc_session.rp.__file__).parent


def found():
    return {
        message.id.partition(".")[2]: message for message in run_checks() if message.id.startswith("oidc_session_rp")
    }


def test_good_configuration_has_no_complaint():
    assert found() == {}


def test_ids_are_given_once():
    source = "".join(path.read_text() for path in PACKAGE.rglob("*.py"))
    ids = re.findall(r'id="(oidc_session_rp\.[EW]\d{3})"', source)
    assert len(ids) == len(set(ids)) > 20


@pytest.mark.parametrize("value", [None, [], "providers"])
def test_e001_settings_are_missing(settings, value):
    settings.OIDC_RP = value
    assert 'OIDC_RP = {"providers"' in found()["E001"].hint


def test_w001_setting_is_misspelt(rp):
    rp(cokie_name="x", nonsense=1)
    messages = [message for message in run_checks() if message.id == "oidc_session_rp.W001"]
    assert [message.hint.partition(",")[0] for message in messages] == [
        "Did you mean cookie_name?",
        "Ours are providers",
    ]


@pytest.mark.parametrize("name", DEFAULTS)
def test_e002_setting_is_of_the_wrong_type(rp, name):
    rp(**{name: object()})
    assert list(found()) == ["E002"]
    assert f'"{name}": ' in found()["E002"].hint


def test_e002_truth_is_no_number_and_items_are_strings(rp):
    rp(session_lifetime=True)
    assert "E002" in found()
    rp(session_lifetime=1, encryption_keys=[b"x" * 40])
    assert "E002" in found()
    rp(encryption_keys=["x" * 40], read_timeout=5)
    assert found() == {}


@pytest.mark.parametrize("name", ["Demo", "", "a/b", "a b", "-a", "é"])
def test_e003_name_does_not_fit_into_addresses(rp, name):
    rp(providers={name: {"issuer": "https://op.example", "client_id": "rp", "client_secret": "s"}})
    assert '"providers": {"demo":' in found()["E003"].hint


@pytest.mark.parametrize(
    ("key", "hint"), [("client_secert", "Did you mean client_secret"), ("nonsense", "They are issuer, client_id,")]
)
def test_e004_key_is_misspelt(rp, key, hint):
    rp({key: "x"})
    assert hint in found()["E004"].hint


@pytest.mark.parametrize("key", ["issuer", "client_id"])
def test_e005_required_key_is_missing(rp, key):
    rp({key: ""})
    assert f'["demo"]: "{key}": ' in found()["E005"].hint


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("issuer", 1),
        ("algorithms", "RS256"),
        ("allow_http", "no"),
        ("authorization_parameters", []),
        ("authorization_parameters", {1: "x"}),
        ("leeway", "30"),
    ],
)
def test_e006_value_is_of_the_wrong_type(rp, key, value):
    rp({key: value})
    assert f'"{key}": ' in found()["E006"].hint


@pytest.mark.parametrize("key", ["token_endpoint_auth_method", "userinfo", "long_logout_hint", "reauthentication"])
def test_e007_choice_is_none(rp, key):
    rp({key: "nonsense"})
    assert f'Write in OIDC_RP["providers"]["demo"]: "{key}": "' in found()["E007"].hint


@pytest.mark.parametrize(
    "issuer",
    ["op.example", "https://", "https://op.example?x=1", "https://op.example#x", "ftp://op.example", "https://["],
)
def test_e008_issuer_is_none(rp, issuer):
    rp({"issuer": issuer})
    assert '"issuer": "https://op.example"' in found()["E008"].hint


@pytest.mark.parametrize("host", ["op.example", "10.0.0.1", "localhost.evil.example"])
def test_e009_issuer_on_http(rp, host):
    rp({"issuer": f"http://{host}/o"})
    assert '"allow_http": True' in found()["E009"].hint
    rp({"allow_http": True})
    assert "E009" not in found()


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000"])
def test_http_is_good_on_loopback(rp, host):
    rp({"issuer": f"http://{host}/o"})
    assert found() == {}


@pytest.mark.parametrize(
    ("scope", "better"), [("", "openid"), ("profile", "openid profile"), ("openidx", "openid openidx")]
)
def test_e010_scope_lacks_openid(rp, scope, better):
    rp({"scope": scope})
    assert f'"scope": "{better}"' in found()["E010"].hint


@pytest.mark.parametrize("algorithms", [[], ["none"], ["HS256"], ["RS256", "HS512"]])
def test_e011_algorithm_is_not_asymmetric(rp, algorithms):
    rp({"algorithms": algorithms})
    assert "RS256" in found()["E011"].hint


def test_e012_secret_of_a_public_client(rp):
    rp({"token_endpoint_auth_method": "none"})
    assert list(found()) == ["E012"]
    rp({"client_secret": ""})
    assert found() == {}


@pytest.mark.parametrize("names", [["refresh_token"], ["access_token", "nonsense"]])
def test_e013_token_that_is_never_given_out(rp, names):
    rp({"expose_tokens": names})
    assert names[-1] in found()["E013"].msg


@pytest.mark.parametrize("path", ["nonsense", "os.nonsense", "os.path"])
def test_e014_mapping_is_not_found(rp, path):
    rp({"map_claims": path})
    assert '"map_claims": "project.oidc.map_claims"' in found()["E014"].hint
    rp({"map_claims": "os.getcwd"})
    assert found() == {}


@pytest.mark.parametrize(
    ("name", "value"), [("session_lifetime", 0), ("read_timeout", 0), ("connect_timeout", -1), ("refresh_ahead", -1)]
)
def test_e015_number_is_out_of_range(rp, name, value):
    rp(**{name: value})
    assert f'"{name}": ' in found()["E015"].hint


def test_refresh_ahead_may_be_zero(rp):
    rp(refresh_ahead=0)
    assert found() == {}


def test_e016_no_provider(rp):
    rp(providers={})
    assert '"providers": {"demo"' in found()["E016"].hint


def test_e017_default_provider_is_unknown(rp):
    rp(default_provider="other")
    assert "demo" in found()["E017"].hint


def test_e018_provider_is_no_dict(rp):
    rp(providers={"demo": "https://op.example"})
    assert '{"issuer": ' in found()["E018"].hint


@pytest.mark.parametrize("name", ["", "a b", "a;b", "ü"])
def test_e019_cookie_name_is_none(rp, name):
    rp(cookie_name=name)
    assert '"oidc_rp"' in found()["E019"].hint


def test_e019_cookie_name_is_taken(rp, settings):
    settings.SESSION_COOKIE_NAME = "oidc_rp_demo"
    assert "E019" in found()


def test_e020_store_is_unknown(rp):
    rp(store="file")
    assert '"store": "database"' in found()["E020"].hint


def test_e021_cache_is_unknown(rp):
    rp(cache="other")
    assert "default" in found()["E021"].hint


def test_e022_database_is_unknown(rp):
    rp(database="other")
    assert "default" in found()["E022"].hint


def test_e023_secret_is_missing(rp):
    rp({"client_secret": ""})
    assert '"token_endpoint_auth_method": "none"' in found()["E023"].hint


def test_e024_encryption_key_is_short(rp):
    rp(encryption_keys=["x" * 32, "short"])
    assert "token_urlsafe" in found()["E024"].hint


@pytest.mark.parametrize("name", ["sub", "is_active", "groups", "name", "request", "outcome", "refresh"])
def test_e029_name_of_a_provider_hides_what_a_template_asks_for(alice_s, rp, rf, settings, name):
    rp(providers=settings.OIDC_RP["providers"] | {name: settings.OIDC_RP["providers"]["demo"]})
    request = rf.get("/")
    request.oidc = Visitor(request)
    shown = Template(f"{{{{ request.oidc.{name} }}}}").render(Context({"request": request}))
    assert "Visit object" in shown
    assert f'"providers": {{"{name}_op": {{...}}}}' in found()["E029"].hint
    rp(providers={f"{name}_op": settings.OIDC_RP["providers"]["demo"]})
    assert found() == {}


def test_template_may_name_a_provider_or_an_attribute(alice_s, rf):
    request = rf.get("/")
    request.COOKIES = {"oidc_rp_demo": alice_s.cookies["oidc_rp_demo"].value}
    request.oidc = Visitor(request)
    template = Template("{{ request.oidc.sub }} {{ request.oidc.demo.sub }} {{ request.oidc.unknown.sub }}")
    assert template.render(Context({"request": request})) == "alice-sub alice-sub "


MIDDLEWARE = "oidc_session.rp.middleware.RelyingPartyMiddleware"
USERS = "oidc_session.rp.users.middleware.OIDCUserMiddleware"
AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"


def test_e025_middleware_is_missing(settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != MIDDLEWARE]
    assert f'Add "{MIDDLEWARE}"' in found()["E025"].hint


def test_e026_urls_are_not_included(settings):
    settings.ROOT_URLCONF = type("Urls", (), {"urlpatterns": []})
    assert 'include("oidc_session.rp.urls")' in found()["E026"].hint


def test_e027_backend_is_missing(settings):
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
    assert "oidc_session.rp.users.backends.OIDCBackend" in found()["E027"].hint


@pytest.mark.parametrize(
    "middleware",
    [[MIDDLEWARE], [AUTHENTICATION, USERS, MIDDLEWARE], [MIDDLEWARE, USERS, AUTHENTICATION], [MIDDLEWARE, USERS]],
)
def test_e028_middleware_of_users_is_missing_or_out_of_order(settings, middleware):
    settings.MIDDLEWARE = middleware
    assert f'Add "{USERS}"' in found()["E028"].hint


def test_w002_tokens_would_be_rolled_back(rp, settings, monkeypatch):
    monkeypatch.setitem(connections["default"].settings_dict, "ATOMIC_REQUESTS", True)
    assert '"database": "oidc"' in found()["W002"].hint
    rp(store="cache")
    assert found() == {}


def on_deployment():
    messages = run_checks(include_deployment_checks=True)
    return {message.id.partition(".")[2]: message for message in messages if message.id.startswith("oidc_session_rp")}


@pytest.mark.parametrize(("store", "what"), [("database", "keys"), ("cache", "Sessions")])
def test_w003_cache_is_one_process_s(rp, store, what):
    rp(store=store)
    assert what in on_deployment()["W003"].hint


def test_w004_provider_on_http(rp, settings, tmp_path):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": str(tmp_path)}
    }
    assert on_deployment() == {}
    rp({"issuer": "http://localhost:8000"})
    assert list(on_deployment()) == ["W004"]
    rp({"issuer": "http://op.internal", "allow_http": True})
    assert '"allow_http"' in on_deployment()["W004"].hint


def test_deployment_waits_for_what_is_wrong(rp):
    rp(cache="unknown")
    assert list(on_deployment()) == ["E021"]

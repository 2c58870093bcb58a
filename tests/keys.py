"""Keys for the tests, made anew in each run: nothing secret is in the repository."""

from functools import cache

from jwcrypto import jwk


@cache
def rsa_pem(name: str = "active") -> str:
    key = jwk.JWK.generate(kty="RSA", size=2048, kid=name)
    return key.export_to_pem(private_key=True, password=None).decode()

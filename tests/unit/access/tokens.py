"""An issuer for tests: keys of each kind, its JWKS, and tokens that say what a test wants."""

import json
import warnings
from datetime import UTC, datetime

from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from concord_access.adapters.jwks import CachedKeys
from concord_access.adapters.jwt import JwtVerifier
from concord_access.domain.claims import ExpectedClaims

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
EPOCH = int(NOW.timestamp())
ISSUER = "https://login.city.example.org"
AUDIENCE = "concord"
KEYS = {
    "RS256": RSAKey.generate_key(2048, {"kid": "r1", "use": "sig"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "e1", "use": "sig"}),
    "EdDSA": OKPKey.generate_key("Ed25519", {"kid": "o1", "use": "sig"}),
}
CLAIMS = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "7f3a",
    "exp": EPOCH + 600,
    "concord_role": "officer",
    "concord_teams": ["north"],
}


def jwks(*keys, private=False):
    return json.dumps({"keys": [key.as_dict(private=private) for key in keys or KEYS.values()]}).encode()


def token(alg="ES256", key=None, header=None, without=(), **claims):
    """A token that is good but for what is given."""
    key = key or KEYS[alg]
    said = {name: value for name, value in (CLAIMS | claims).items() if name not in without}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # EdDSA is an older name of Ed25519; issuers use it
        return jwt.encode({"alg": alg, "kid": key.kid} | (header or {}), said, key, algorithms=[alg])


def verifier(fetch=jwks, now=lambda: 0.0):
    return JwtVerifier(ExpectedClaims(ISSUER, AUDIENCE), CachedKeys(fetch, now), lambda: NOW)

"""The rules for ID tokens: each way in which one may be wrong is refused, with keys made here."""

import json
import logging
from dataclasses import replace

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from tokens import EPOCH, ISSUER, KEYS, NOW, jwks

from concord_access.adapters.id_token import verify_id_token
from concord_access.adapters.jwks import CachedKeys
from concord_access.domain.sign_in import Provider, SignInRefused

CLIENT, NONCE = "concord-desk", "n0nce"
PROVIDER = Provider(
    ISSUER, f"{ISSUER}/auth", f"{ISSUER}/token", f"{ISSUER}/jwks", algorithms=("RS256", "PS256", "ES256")
)
CLAIMS = {
    "iss": ISSUER,
    "aud": CLIENT,
    "sub": "7f3a",
    "nonce": NONCE,
    "iat": EPOCH,
    "exp": EPOCH + 600,
    "groups": ["police-d4"],
}
OTHER_KEY = ECKey.generate_key("P-256", {"kid": "e1", "use": "sig"})


def token(alg="ES256", key=None, header=None, without=(), **claims):
    key = key or KEYS[alg]
    said = {name: value for name, value in (CLAIMS | claims).items() if name not in without}
    return jwt.encode({"alg": alg, "kid": key.kid} | (header or {}), said, key, algorithms=[alg])


def verify(text, keys=None, provider=PROVIDER, nonce=NONCE):
    return verify_id_token(text, provider, keys or CachedKeys(jwks, lambda: 0.0), CLIENT, nonce, lambda: NOW)


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_a_right_token_gives_its_claims(alg: str) -> None:
    assert verify(token(alg))["sub"] == "7f3a"


@pytest.mark.parametrize("missing", ["iss", "aud", "exp", "iat", "sub", "nonce"])
def test_each_claim_must_be_there(missing: str) -> None:
    with pytest.raises(SignInRefused, match="MissingClaimError"):
        verify(token(without=[missing]))


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://other.example.org"},
        {"iss": ISSUER + "/"},
        {"aud": "another-client"},
        {"aud": []},
        {"aud": [CLIENT, "another"]},  # without azp
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"azp": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": EPOCH - 61},
        {"exp": "tomorrow"},
        {"nbf": EPOCH + 3600},
    ],
)
def test_a_wrong_claim_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SignInRefused):
        verify(token(**wrong))


def test_several_audiences_need_us_as_the_party() -> None:
    assert verify(token(aud=[CLIENT, "another"], azp=CLIENT))["aud"] == [CLIENT, "another"]


def test_no_signature_and_shared_secrets_are_refused_even_if_the_provider_offers_them() -> None:
    careless = replace(PROVIDER, algorithms=("none", "HS256", "ES256"))
    secret = OctKey.import_key("a client secret that everybody with it could sign with", {"kid": "e1"})
    unsigned = token().rsplit(".", 2)
    header = "eyJhbGciOiJub25lIn0"  # {"alg":"none"}
    for text in (token("HS256", key=secret), f"{header}.{unsigned[1]}."):
        with pytest.raises(SignInRefused):
            verify(text, provider=careless)


def test_an_algorithm_that_the_provider_does_not_offer_is_refused() -> None:
    with pytest.raises(SignInRefused, match="alg must be one of RS256"):
        verify(token("ES256"), provider=replace(PROVIDER, algorithms=("RS256",)))


def test_the_signature_must_be_of_the_providers_key() -> None:
    with pytest.raises(SignInRefused, match="BadSignatureError"):
        verify(token(key=OTHER_KEY))
    with pytest.raises(SignInRefused, match="kid names no key"):
        verify(token(header={"kid": "unknown"}))


def test_a_token_without_kid_needs_a_provider_with_one_key() -> None:
    bare = jwt.encode({"alg": "ES256"}, CLAIMS, KEYS["ES256"], algorithms=["ES256"])
    assert verify(bare, CachedKeys(lambda: jwks(KEYS["ES256"]), lambda: 0.0))
    with pytest.raises(SignInRefused, match="let it write kid"):
        verify(bare)


def test_rotated_keys_are_read_again() -> None:
    time = [0.0]
    published = [jwks(KEYS["RS256"])]
    keys = CachedKeys(lambda: published[0], lambda: time[0])
    assert verify(token("RS256"), keys)
    published[0], time[0] = jwks(KEYS["ES256"]), 61.0
    assert verify(token("ES256"), keys)
    with pytest.raises(SignInRefused, match="kid names no key"):
        verify(token("RS256"), keys)


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", json.dumps({}), "é.é.é", "." * 70_000])
def test_no_token_at_all(text: str) -> None:
    with pytest.raises(SignInRefused):
        verify(text)


def test_the_error_and_the_log_name_no_value(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(SignInRefused) as refused:
        verify(token(sub="rosa", aud="rosas-client"))
    assert "rosa" not in caplog.text + str(refused.value)

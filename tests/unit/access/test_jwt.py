"""Bearer tokens: what is accepted, and every refusal."""

import base64
import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, RSAKey
from joserfc.jws import JWSRegistry
from tokens import AUDIENCE, CLAIMS, EPOCH, KEYS, jwks, token, verifier

from concord_access import EVERY, Action, NotAuthenticated, Role
from concord_access.domain.permissions import actions_of

VERIFIER = verifier()


def b64(data):
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def refused(credential, by=VERIFIER):
    with pytest.raises(NotAuthenticated) as error:
        by.authenticate(credential)
    assert str(error.value) == "This credential is not valid, or not any more. Send another API key or token."


@pytest.mark.parametrize("alg", KEYS)
def test_each_algorithm(alg):
    who = VERIFIER.authenticate(token(alg))
    assert (who.subject, who.role, who.teams) == ("user:7f3a", Role.OFFICER, {"north"})
    assert (who.areas, who.actions) == ({EVERY}, actions_of(Role.OFFICER))


def test_the_newer_name_of_eddsa():
    assert VERIFIER.authenticate(token("Ed25519", KEYS["EdDSA"])).subject == "user:7f3a"


def test_one_of_several_audiences():
    VERIFIER.authenticate(token(aud=["other", AUDIENCE]))
    VERIFIER.authenticate(token(header={"typ": "at+jwt"}))


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": EPOCH - 60},
        {"exp": EPOCH - 3600},
        {"exp": "soon"},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"nbf": float("-inf")},
        {"iat": float("nan")},
        {"exp": True},
        {"nbf": EPOCH + 61},
        {"nbf": "now"},
        {"iat": EPOCH + 61},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": []},
        {"aud": {"concord": 1}},
        {"iss": "https://login.elsewhere.example.org"},
        {"iss": ["https://login.city.example.org"]},
        {"sub": ""},
        {"sub": "ana@example.org"},
        {"sub": "two words"},
        {"sub": 7},
        {"concord_role": "mayor"},
        {"concord_role": ["officer"]},
        {"concord_teams": "north"},
        {"concord_teams": ["north south"]},
        {"concord_teams": [1]},
        {"concord_areas": None},
        {"concord_actions": "case:read"},
    ],
    ids=str,
)
def test_claims_that_are_refused(claims):
    refused(token(**claims))


@pytest.mark.parametrize("claim", ["exp", "iss", "aud", "sub", "concord_role"])
def test_claims_that_are_needed(claim):
    refused(token(without=[claim]))


def test_clocks_may_differ_by_a_minute():
    VERIFIER.authenticate(token(exp=EPOCH - 59))
    VERIFIER.authenticate(token(nbf=EPOCH + 60))


def test_no_algorithm_at_all():
    claims = token().split(".")[1]
    for alg in ("none", "None", "NONE", "nOnE", "", None, ["ES256"]):
        head = b64({"alg": alg, "kid": "e1"})
        refused(f"{head}.{claims}.")
        refused(f"{head}.{claims}.{token().split('.')[2]}")


@pytest.mark.parametrize("kid", ["r1", "e1", "o1"])
def test_a_shared_secret_made_of_the_public_key(kid):
    key = next(key for key in KEYS.values() if key.kid == kid)
    for secret in (
        key.as_pem(private=False),
        key.as_der(private=False),
        json.dumps(key.as_dict(private=False)).encode(),
    ):
        for alg, digest in (("HS256", hashlib.sha256), ("HS512", hashlib.sha512)):
            signed = f"{b64({'alg': alg, 'kid': kid})}.{token().split('.')[1]}"
            refused(f"{signed}.{b64(hmac.new(secret, signed.encode(), digest).digest())}")


@pytest.mark.parametrize("alg", ["RS384", "PS256", "RS512"])
def test_algorithms_that_are_not_on_the_list(alg):
    refused(token(alg, KEYS["RS256"]))


def test_one_algorithm_with_the_key_of_another():
    refused(token("ES256", header={"kid": "r1"}))
    refused(token("RS256", header={"kid": "e1"}))
    refused(token("EdDSA", header={"kid": "e1"}))


def test_keys_that_are_not_the_issuers():
    stranger = ECKey.generate_key("P-256", {"kid": "e1"})
    refused(token(key=stranger))
    refused(token(key=ECKey.generate_key("P-256", {"kid": "unknown"})))
    refused(token(key=stranger, header={"kid": "e1", "jwk": stranger.as_dict(private=False)}))
    refused(token(key=stranger, header={"kid": "e1", "jku": "https://evil.example.org/jwks.json"}))


@pytest.mark.parametrize(
    "header",
    [{"kid": 1}, {"kid": ""}, {"kid": None}, {"typ": "jwe"}, {"typ": 1}, {"crit": ["exp"]}, {"crit": []}],
    ids=str,
)
def test_headers_that_are_refused(header):
    good = token().split(".")
    head = b64({"alg": "ES256", "kid": "e1"} | header)
    refused(f"{head}.{good[1]}.{good[2]}")


@pytest.mark.parametrize("crit", [["alg"], ["kid"], ["b64"], []], ids=str)
def test_a_signed_token_with_crit_is_refused(crit):
    refused(signed({"alg": "ES256", "kid": "e1", "crit": crit, "b64": True}, json.dumps(CLAIMS)))
    assert VERIFIER.authenticate(signed({"alg": "ES256", "kid": "e1"}, json.dumps(CLAIMS)))


@pytest.mark.parametrize(
    ("head", "claims"),
    [
        ('{"alg":"ES256","kid":"e1","kid":"e1"}', json.dumps(CLAIMS)),
        ('{"alg":"ES256","kid":"e1"}', json.dumps(CLAIMS)[:-1] + ',"sub":"7f3a"}'),
        ('{"alg":"ES256","kid":"e1"}', json.dumps(CLAIMS | {"exp": 0}).replace(": 0", ": 1e999")),
        ('{"alg":"ES256","kid":"e1"}', json.dumps(CLAIMS | {"exp": float("inf")})),
    ],
)
def test_a_signed_token_that_is_not_strict_json_is_refused(head, claims):
    refused(signed(head, claims))


def signed(head, claims):
    """A token with exactly these texts, and a right signature."""
    text = head if isinstance(head, str) else json.dumps(head)
    signing = f"{b64(text.encode())}.{b64(claims.encode())}"
    key = KEYS["ES256"]
    signature = JWSRegistry.algorithms["ES256"].sign(signing.encode(), key)
    return f"{signing}.{b64(signature)}"


def test_no_kid():
    good = token().split(".")
    refused(f"{b64({'alg': 'ES256'})}.{good[1]}.{good[2]}")


def test_any_other_signature_or_text():
    head, claims, signature = token().split(".")
    other = token(sub="other").split(".")
    refused(f"{head}.{other[1]}.{signature}")
    refused(f"{head}.{claims}.{other[2]}")
    refused(f"{head}.{claims}.")
    refused(f"{head}.{claims}")
    refused(f"{head}.{claims}.{signature}.x")
    refused(f"{head}.{claims}.{signature}.x.y")


def test_an_oversized_token():
    VERIFIER.authenticate(token(padding="x" * 4000))
    refused(token(padding="x" * 9000))
    refused("e" * 10_000_000)


def test_a_payload_that_is_no_object():
    for payload in (b"[]", b'"text"', b"{", b"[" * 3000, b"\xff"):
        signed = KEYS["EdDSA"].raw_value.sign(f"{b64({'alg': 'EdDSA', 'kid': 'o1'})}.{b64(payload)}".encode())
        refused(f"{b64({'alg': 'EdDSA', 'kid': 'o1'})}.{b64(payload)}.{b64(signed)}")


@given(st.text(max_size=60) | st.recursive(st.none() | st.text() | st.floats(), st.lists).map(b64))
def test_rubbish_is_refused(text):
    refused(text)
    refused(f"{text}.{text}.{text}")


@given(
    st.recursive(
        st.none() | st.just("alg") | st.integers(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["alg", "kid", "crit", "typ", "b64", "x"]), inner)
        ),
    )
)
def test_rubbish_in_a_header_is_refused(header):
    _, claims, signature = token("EdDSA").split(".")
    refused(f"{b64(header)}.{claims}.{signature}")


def test_claims_become_a_principal():
    who = VERIFIER.authenticate(token(concord_areas=["B2"], concord_actions=["case:read", "parked:act", "future:do"]))
    assert (who.areas, who.actions) == ({"B2"}, {Action.CASE_READ})
    auditor = VERIFIER.authenticate(token(concord_role="auditor", without=["concord_teams"]))
    assert (auditor.teams, auditor.areas) == ({EVERY}, {EVERY})
    assert VERIFIER.authenticate(token(without=["concord_teams"])).teams == frozenset()
    nothing = VERIFIER.authenticate(
        token(concord_role="auditor", concord_teams=[], concord_areas=[], concord_actions=[])
    )
    assert (nothing.teams, nothing.areas, nothing.actions) == (frozenset(), frozenset(), frozenset())


def test_refusals_are_logged_without_values(caplog):
    caplog.set_level("INFO")
    refused(token(sub="ana@example.org"))
    refused(token(iss="https://ana.example.org"))
    assert "rejected a token: sub must be an opaque id" in caplog.text
    assert "InvalidClaimError" in caplog.text
    assert "ana" not in caplog.text


def test_a_jwks_with_shared_or_weak_keys_verifies_nothing():
    shared = OctKey.generate_key(256, {"kid": "e1"})
    with pytest.warns(UserWarning, match="2048"):
        weak = RSAKey.generate_key(1024, {"kid": "weak"})
    weakly_signed = token("RS256", weak)
    with pytest.warns(UserWarning, match="2048"):
        refused(weakly_signed, verifier(lambda: jwks(weak, KEYS["EdDSA"])))
    document = json.dumps({"keys": [shared.as_dict(), KEYS["EdDSA"].as_dict(private=False)]}).encode()
    refused(token("HS256", shared), verifier(lambda: document))

"""Keys and tokens as they are sent to a running routing: what is recognised, and what is not, in the same words."""

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta

import pytest
from access_stage import OWN, Holder, Stage, bearer
from joserfc.jwk import RSAKey
from service_process import OPS_TOKEN
from tokens import AUDIENCE, CLAIMS, ISSUER, KEYS, token

OFFICER = Holder("officer", (OWN,))


@pytest.fixture
def stage(vhost, tmp_path, databases):
    made = Stage(vhost, tmp_path, databases)
    with made.routing:
        yield made


def status(stage, secret):
    return stage.routing.get("/v1/cases", secret)[0]


def test_a_key_from_issue_to_revoke(stage):
    first = stage.key("night-desk", OFFICER)
    second = stage.key("night-desk", OFFICER)
    assert status(stage, first) == status(stage, second) == 200

    third = stage.concord("token", "issue", "night-desk", "--role", "officer", "--team", OWN)
    assert third.exit_code == 2
    assert "revoke one first" in third.stderr

    assert stage.concord("token", "revoke", first).exit_code == 0
    assert (status(stage, first), status(stage, second)) == (401, 200)
    assert status(stage, stage.key("night-desk", OFFICER)) == 200


def test_keys_that_are_not_recognised(stage):
    good = stage.key("night-desk", OFFICER)
    other = stage.key("day-desk", OFFICER)
    expired = stage.old_key("old-desk", 3, timedelta(days=2))
    assert status(stage, stage.old_key("older-desk", 3, timedelta(days=4))) == 200
    answers = {
        stage.routing.get("/v1/cases", secret)
        for secret in (
            expired,
            good[:-1] + ("A" if good[-1] != "A" else "B"),
            good[:12] + other[12:],
            f"ck_00000000_{good[12:]}",
            good + "A",
            "ck_",
            OPS_TOKEN[:-1],
            OPS_TOKEN + "x",
        )
    }
    assert len(answers) == 1, "each refusal sounds the same"
    code, body = answers.pop()
    assert (code, json.loads(body)["title"]) == (401, "Unauthorized")


def test_tokens(stage):
    now = int(time.time())
    assert status(stage, bearer("7f3a", OFFICER)) == 200
    for wrong in (
        bearer("7f3a", OFFICER, exp=now - 3600),
        bearer("7f3a", OFFICER, nbf=now + 3600),
        bearer("7f3a", OFFICER, iss="https://elsewhere.example.org"),
        bearer("7f3a", OFFICER, aud="another-service"),
        bearer("7f3a", OFFICER, aud=[]),
        bearer("7f3a", Holder("mayor")),
        bearer("alex@example.org", OFFICER),
        unsigned(),
        signed_with_public_key(),
        signed_by_another(),
    ):
        assert status(stage, wrong) == 401, wrong
    assert status(stage, bearer("7f3a", OFFICER, aud=["others", AUDIENCE])) == 200


def claims():
    return {**CLAIMS, "iss": ISSUER, "exp": int(time.time()) + 600, "concord_teams": [OWN]}


def part(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsigned():
    return f"{part({'alg': 'none', 'kid': 'r1'})}.{part(claims())}."


def signed_with_public_key():
    """HS256 with the issuer's public RSA key as the shared secret, which everybody knows."""
    body = f"{part({'alg': 'HS256', 'kid': 'r1'})}.{part(claims())}"
    return f"{body}.{part(hmac.digest(KEYS['RS256'].as_pem(private=False), body.encode(), hashlib.sha256))}"


def signed_by_another():
    """Under the name of the issuer's key, and with the signer's own key in the header."""
    stranger = RSAKey.generate_key(2048, {"kid": "r1"})
    return token("RS256", stranger, {"jwk": stranger.as_dict(private=False)}, **claims())

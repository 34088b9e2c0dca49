"""One header, three kinds of credential; and how refusals are answered."""

import pytest
from tokens import jwks, token, verifier

from concord_access import (
    Action,
    NotAllowed,
    NotAuthenticated,
    Principal,
    Role,
    SigningKeysUnavailable,
    allowed,
    require,
)
from concord_access.adapters.jwks import UnreadableKeys
from concord_access.authenticator import OPERATOR, Authenticator
from concord_access.domain.permissions import PERSONAL
from concord_access.error_responses import ACCESS_PROBLEMS
from concord_access.settings import AccessSettings
from concord_bus.settings import SettingsError
from concord_web import PROBLEMS

KEY_HOLDER = Principal("key:night-desk", Role.OFFICER, frozenset({"north"}), frozenset({"*"}), frozenset(Action))


class Keys:
    def authenticate(self, credential):
        if credential != "ck_good":
            raise NotAuthenticated(sent=True)
        return KEY_HOLDER


EVERY_KIND = Authenticator("the-operators-token", Keys(), verifier())


def bearer(credential):
    return {"authorization": f"Bearer {credential}"}


def test_each_kind():
    assert EVERY_KIND.authenticate(bearer("the-operators-token")) == OPERATOR
    assert EVERY_KIND.authenticate(bearer("ck_good")) == KEY_HOLDER
    assert EVERY_KIND.authenticate(bearer(token())).subject == "user:7f3a"
    assert EVERY_KIND.authenticate({"authorization": "bearer  ck_good "}) == KEY_HOLDER


def test_the_operator_may_do_everything_but_read_what_residents_wrote():
    assert OPERATOR.role is Role.ADMINISTRATOR
    for action in Action:
        answers = {allowed(OPERATOR, action, team, area) for team in ("x", None) for area in ("y", None)}
        assert answers == {action not in PERSONAL}


def test_a_kind_that_is_not_set_up_is_refused():
    nothing = Authenticator(None)
    for credential in ("the-operators-token", "ck_good", token(), "", "None"):
        with pytest.raises(NotAuthenticated):
            nothing.authenticate(bearer(credential))
    with pytest.raises(NotAuthenticated):
        Authenticator("").authenticate(bearer(""))


@pytest.mark.parametrize(
    "given", ["Basic b3BlcmF0b3I6eA==", "Bearer", "Bearer ", "the-operators-token", "Bearer x y", "Bearer é\xff"]
)
def test_other_headers(given):
    with pytest.raises(NotAuthenticated) as refused:
        EVERY_KIND.authenticate({"authorization": given})
    assert refused.value.sent


def answer(error):
    return PROBLEMS.extend(ACCESS_PROBLEMS).find(error).as_response()


def test_refusals_are_answered():
    with pytest.raises(NotAuthenticated) as nobody:
        EVERY_KIND.authenticate({})
    said = answer(nobody.value)
    assert (said.status, said.headers["WWW-Authenticate"]) == (401, 'Bearer realm="concord"')
    with pytest.raises(NotAuthenticated) as wrong:
        EVERY_KIND.authenticate(bearer("ck_bad"))
    said = answer(wrong.value)
    assert (said.status, said.headers["WWW-Authenticate"]) == (401, 'Bearer realm="concord", error="invalid_token"')
    with pytest.raises(NotAllowed) as denied:
        require(KEY_HOLDER, Action.CASE_WORK, "south", "B2")
    said = answer(denied.value)
    assert said.status == 403
    assert b'"action":"case:work"' in said.body
    assert b'"missing":["team"]' in said.body


def test_keys_that_cannot_be_read_are_our_fault():
    def away():
        raise UnreadableKeys("away")

    with pytest.raises(SigningKeysUnavailable) as error:
        verifier(away).authenticate(token())
    said = answer(error.value)
    assert (said.status, said.headers["Retry-After"]) == (503, "60")


JWT = {"CONCORD_JWT_ISSUER": "https://i.example.org", "CONCORD_JWT_AUDIENCE": "concord"}


@pytest.mark.parametrize(
    ("env", "said"),
    [
        (JWT, "set CONCORD_JWT_ISSUER, CONCORD_JWT_AUDIENCE and CONCORD_JWT_KEYS together"),
        (JWT | {"CONCORD_JWT_KEYS": "http://i.example.org/jwks"}, "CONCORD_JWT_KEYS must be a file, or an https URL"),
        (JWT | {"CONCORD_JWT_KEYS": "https://a:b@i.example.org/"}, "CONCORD_JWT_KEYS must be a file, or an https URL"),
        (JWT | {"CONCORD_JWT_KEYS": "https://[::1"}, "CONCORD_JWT_KEYS"),
        ({"CONCORD_ACCESS_KEY": "short"}, "CONCORD_ACCESS_KEY must be at least 32 characters"),
    ],
)
def test_settings_that_are_wrong(env, said):
    with pytest.raises(SettingsError) as error:
        AccessSettings.from_env(env)
    assert said in str(error.value)


def test_settings(tmp_path):
    (tmp_path / "jwks.json").write_bytes(jwks())
    env = JWT | {
        "CONCORD_JWT_KEYS": str(tmp_path / "jwks.json"),
        "CONCORD_ACCESS_KEY": "p" * 32,
        "CONCORD_OPS_TOKEN": "the-operators-token",
    }
    settings = AccessSettings.from_env(env)
    assert "pppp" not in repr(settings)
    assert "operators" not in repr(settings)
    made = settings.authenticator(NoStore())
    assert made.authenticate(bearer("the-operators-token")) == OPERATOR
    with pytest.raises(NotAuthenticated):
        made.authenticate(bearer("ck_malformed"))
    with pytest.raises(NotAuthenticated):
        made.authenticate(bearer(token()))
    nothing = AccessSettings.from_env({})
    assert (nothing.operator_token, nothing.pepper, nothing.expected, nothing.fetch) == (None, None, None, None)


class NoStore:
    def read(self):
        raise AssertionError("a malformed key is not looked up")

"""Wrong credentials are limited for a client; one that passed before still passes."""

import pytest

from concord_access import NotAuthenticated
from concord_access.authenticator import OPERATOR, Authenticator
from concord_access.limit_settings import LOGINS, LimitSettings
from concord_access.login_limit import KNOWN, LoginLimit
from concord_bus.settings import SettingsError
from concord_web.limiter import Limiter
from concord_web.problem import Problem

TOKEN = "the-operators-token"
HERE, ELSEWHERE = "203.0.113.7", "203.0.113.8"


@pytest.fixture
def authenticator():
    limiter = Limiter({LOGINS: "3/minute"}, refused=lambda name: None)
    return Authenticator(TOKEN, limit=LoginLimit(limiter))


def attempt(authenticator, credential, client=HERE):
    headers = {"authorization": f"Bearer {credential}"} if credential else {}
    try:
        return authenticator.authenticate(headers, client)
    except NotAuthenticated:
        return 401
    except Problem as problem:
        return problem.status


def test_after_too_many_wrong_ones_a_client_is_refused_unseen(authenticator):
    assert [attempt(authenticator, f"guess-{n}") for n in range(5)] == [401, 401, 401, 429, 429]
    assert attempt(authenticator, TOKEN) == 429, "also the right one, which has not passed before"
    assert attempt(authenticator, TOKEN, ELSEWHERE) is OPERATOR
    assert attempt(authenticator, TOKEN) is OPERATOR, "it has passed now, from anywhere"
    assert attempt(authenticator, "guess-6") == 429


def test_requests_without_a_credential_do_not_count(authenticator):
    assert [attempt(authenticator, None) for _ in range(9)] == [401] * 9
    assert attempt(authenticator, TOKEN) is OPERATOR


def test_the_known_credentials_are_bounded():
    limit = LoginLimit(Limiter({LOGINS: "1/minute"}, refused=lambda name: None))
    limit.failed(HERE)
    for number in range(KNOWN + 1):
        limit.passed(f"Bearer {number}")
    limit.check(HERE, f"Bearer {KNOWN}")
    with pytest.raises(Problem):
        limit.check(HERE, "Bearer 0")


def test_a_wrong_rate_names_its_variable():
    assert LimitSettings.from_env({}, LOGINS).rates == {LOGINS: "30/10 minutes"}
    assert LimitSettings.from_env({"CONCORD_LIMIT_LOGINS": "off"}, LOGINS).rates == {LOGINS: "off"}
    with pytest.raises(SettingsError, match="CONCORD_LIMIT_LOGINS must be a rate"):
        LimitSettings.from_env({"CONCORD_LIMIT_LOGINS": "many"}, LOGINS)

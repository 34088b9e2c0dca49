"""What a service class gets from AccessRoutes: who asks, what they may; a bad credential is never passed over."""

from types import SimpleNamespace

import pytest

from concord_access import Action, NotAllowed, NotAuthenticated, Principal, Role
from concord_access.authenticator import OPERATOR, Authenticator
from concord_access.domain.permissions import actions_of
from concord_access.nameko_mixin import AccessRoutes


class Known:
    """Recognises the names of roles, for the whole city or, with a colon, for one area of it."""

    def authenticate(self, credential):
        role, _, area = credential.partition(":")
        if role not in {str(known) for known in Role}:
            raise NotAuthenticated(sent=True)
        areas = frozenset({area or "*"})
        return Principal(f"user:{role}", Role(role), frozenset({"*"}), areas, actions_of(Role(role)))


@pytest.fixture
def routes():
    made = AccessRoutes()
    made.access = Authenticator("the-operators-token", tokens=Known())
    return made


def request(credential=None):
    return SimpleNamespace(headers={"authorization": f"Bearer {credential}"} if credential else {}, client="")


def test_who(routes):
    assert routes.authenticate(request("the-operators-token")) is OPERATOR
    assert routes.authenticate(request("auditor")).subject == "user:auditor"
    for stranger in (None, "mayor"):
        with pytest.raises(NotAuthenticated):
            routes.authenticate(request(stranger))


def test_an_open_door_lets_some_do_more(routes):
    assert routes.authenticate_optional(request("administrator"), Action.HISTORY_IMPORT).subject == "user:administrator"
    assert routes.authenticate_optional(request("the-operators-token"), Action.HISTORY_IMPORT) is OPERATOR
    for other in (None, "officer", "administrator:B2"):
        assert routes.authenticate_optional(request(other), Action.HISTORY_IMPORT) is None
    with pytest.raises(NotAuthenticated):
        routes.authenticate_optional(request("mayor"), Action.HISTORY_IMPORT)


def test_the_ledger_is_for_keepers(routes):
    for keeper in ("the-operators-token", "auditor", "supervisor", "administrator"):
        routes.guard(request(keeper))
    for other in ("officer", "auditor:B2"):
        with pytest.raises(NotAllowed):
            routes.guard(request(other))
    with pytest.raises(NotAuthenticated):
        routes.guard(request())

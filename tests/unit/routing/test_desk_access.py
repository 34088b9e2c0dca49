"""Sign-in at the desk, on the store in memory: how long a session lasts, and what its holder may do."""

from dataclasses import replace
from datetime import timedelta

import pytest
from routing_concerns import AT, CITY
from test_commands import Office

from concord_access import NotAuthenticated, Role
from concord_access.api_keys import ApiKeyVerifier, issue, revoke
from concord_access.domain.api_key import NewApiKey
from concord_access.domain.sign_in import SignedIn
from concord_city.domain.model import DeskGroup
from concord_routing.application.desk_access import DeskAccess, NoDeskGroup
from concord_routing.application.live_rules import Rules, fixed
from concord_routing.domain.desk_session import IDLE, LIFE, new_session, principal_of, session_digest

MINUTE = timedelta(minutes=1)
PEPPER = b"p" * 32
TABLE = (
    DeskGroup("heads-west", "supervisor", frozenset({"patrol-west"})),
    DeskGroup("west", "officer", frozenset({"patrol-west"}), frozenset({"west"})),
    DeskGroup("east", "officer", frozenset({"patrol-east"}), frozenset({"east"})),
    DeskGroup("works", "officer", frozenset({"works"})),
    DeskGroup("it", "administrator"),
)


class Desk(Office):
    def __init__(self):
        super().__init__()
        self.table = TABLE
        rules = fixed(CITY)()
        self.access = DeskAccess(lambda: Rules(replace(CITY, desk=self.table), rules.locator), self, lambda: self.now)

    @property
    def audited(self):
        with self.read() as store:
            return [(each.actor, each.action, each.details) for each in store.audit.records()]

    def key(self, name="night-desk", role=Role.OFFICER, team="works"):
        new = NewApiKey(name, role, frozenset({team}), frozenset(), frozenset(), life=timedelta(days=1))
        with self.work() as work:
            return issue(work.store.keys, work.store.audit, new, PEPPER, "operator", self.now)[0]

    def verify(self, secret):
        return ApiKeyVerifier(PEPPER, self, lambda: self.now).authenticate(secret)


@pytest.fixture
def desk():
    return Desk()


def rosa(*groups):
    return SignedIn("user:7f3a", frozenset(groups))


def test_groups_give_the_role_of_the_first_that_fits():
    both = principal_of("user:1", ["west", "heads-west", "unknown"], TABLE)
    assert (both.role, both.teams, both.areas) == (Role.SUPERVISOR, {"patrol-west"}, {"*"})
    assert principal_of("user:1", ["unknown"], TABLE) is principal_of("user:1", [], TABLE) is None


def test_groups_of_one_role_add_up():
    both = principal_of("user:1", ["east", "west"], TABLE)
    assert (both.teams, both.areas) == ({"patrol-west", "patrol-east"}, {"west", "east"})
    assert principal_of("user:1", ["west", "works"], TABLE).areas == {"west", "*"}
    assert principal_of("user:1", ["it"], TABLE).teams == {"*"}


def test_a_session_slides_for_thirty_minutes_and_ends_after_eight_hours(desk):
    token = desk.access.sign_in(rosa("west"))
    for _ in range(16):
        desk.now += IDLE - MINUTE
        assert desk.access.resume(token).principal.subject == "user:7f3a"
    desk.now = AT + LIFE
    assert desk.access.resume(token) is None

    token = desk.access.sign_in(rosa("west"))
    desk.now += IDLE
    assert desk.access.resume(token) is None


def test_the_store_holds_no_token_and_no_other_groups(desk):
    token = desk.access.sign_in(rosa("west", "choir"))
    with desk.read() as store:
        session = store.sessions.find(session_digest(token))
    assert token not in repr(session)
    assert session.groups == '["west"]'
    assert session.csrf not in repr(session)


def test_the_token_of_another_and_no_token_open_nothing(desk):
    desk.access.sign_in(rosa("west"))
    assert [desk.access.resume(text) for text in (None, "", "x", new_session("user:1", AT)[0])] == [None] * 4


def test_a_person_without_a_group_of_the_table_is_refused(desk):
    with pytest.raises(NoDeskGroup):
        desk.access.sign_in(rosa("choir"))
    assert desk.audited == []


def test_a_group_that_leaves_the_table_ends_its_rights_at_once(desk):
    token = desk.access.sign_in(rosa("west"))
    desk.table = TABLE[2:]
    assert desk.access.resume(token) is None
    desk.table = TABLE
    assert desk.access.resume(token).principal.teams == {"patrol-west"}


def test_an_api_key_opens_a_session_and_a_revoked_one_ends_it(desk):
    secret = desk.key()
    token = desk.access.sign_in_by_key(secret, desk.verify)
    officer = desk.access.resume(token)
    assert (officer.principal.subject, officer.principal.teams) == ("key:night-desk", {"works"})
    with desk.work() as work:
        revoke(work.store.keys, work.store.audit, officer.session.key_prefix, "operator", desk.now)
    assert desk.access.resume(token) is None


@pytest.mark.parametrize("text", ["", "operator-token", "ck_x", "ck_" + "a" * 8 + "_" + "b" * 43])
def test_no_other_credential_opens_a_session(desk, text):
    with pytest.raises(NotAuthenticated):
        desk.access.sign_in_by_key(text, desk.verify)


def test_sign_out_ends_one_session_or_all(desk):
    here, there = desk.access.sign_in(rosa("west")), desk.access.sign_in(rosa("west"))
    other = desk.access.sign_in(SignedIn("user:other", frozenset({"east"})))
    desk.access.sign_out(desk.access.resume(here).session)
    assert desk.access.resume(here) is None
    assert desk.access.resume(there) is not None
    desk.access.sign_out(desk.access.resume(there).session, everywhere=True)
    assert desk.access.resume(there) is None
    assert desk.access.resume(other) is not None
    assert [entry[:2] for entry in desk.audited] == [
        ("user:7f3a", "desk.signed_in"),
        ("user:7f3a", "desk.signed_in"),
        ("user:other", "desk.signed_in"),
        ("user:7f3a", "desk.signed_out"),
        ("user:7f3a", "desk.signed_out"),
    ]


def test_ended_sessions_are_swept(desk):
    desk.access.sign_in(rosa("west"))
    desk.now += IDLE
    live = desk.access.sign_in(rosa("west"))
    assert (desk.access.sweep(), desk.access.sweep()) == (1, 0)
    assert desk.access.resume(live) is not None


def test_a_form_must_be_of_this_session():
    session = new_session("user:1", AT)[1]
    assert session.accepts(session.csrf)
    assert not session.accepts(None)
    assert not session.accepts(new_session("user:1", AT)[1].csrf)

"""API keys: made, recognised, refused, replaced."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from tests.memory.access import MemoryAudit, MemoryKeys

from concord_access import EVERY, Action, InvalidGrant, NotAuthenticated, Role
from concord_access.api_keys import ApiKeyVerifier, issue, revoke
from concord_access.domain import api_key
from concord_access.domain.api_key import NewApiKey, create_key, digest, match_key, new_secret, prefix_of
from concord_access.domain.permissions import PERSONAL, actions_of, default_actions
from concord_bus.domain.errors import DatabaseUnavailable

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
PEPPER = b"p" * 32
NEW_KEY = NewApiKey("night-desk", Role.OFFICER, frozenset({"north"}), frozenset(), frozenset(), timedelta(days=90))


class Ring:
    """Keys in memory, a clock to be moved, and how often they were written."""

    def __init__(self):
        self.store, self.audit, self.now, self.writes = MemoryKeys(), MemoryAudit(), NOW, 0
        self.full = False
        self.ring = ApiKeyVerifier(PEPPER, self, lambda: self.now)

    @contextmanager
    def read(self):
        yield SimpleNamespace(keys=self.store)

    @contextmanager
    def work(self):
        self.writes += 1
        if self.full:
            raise DatabaseUnavailable
        yield SimpleNamespace(store=SimpleNamespace(keys=self.store))

    def issue(self, **request):
        return issue(self.store, self.audit, replace(NEW_KEY, **request), PEPPER, "operator", self.now)

    def refused(self, secret):
        with pytest.raises(NotAuthenticated) as error:
            self.ring.authenticate(secret)
        return str(error.value)


def test_the_form_of_a_key():
    secrets = {new_secret() for _ in range(200)}
    assert len(secrets) == 200
    for text in secrets:
        kind, prefix, secret = text.split("_")
        assert (kind, len(prefix), len(secret), prefix_of(text)) == ("ck", 8, 43, prefix)
        assert text.isascii()


def test_the_largest_secret_fits(monkeypatch):
    monkeypatch.setattr("secrets.token_bytes", lambda size: b"\xff" * size)
    assert prefix_of(new_secret())
    monkeypatch.setattr("secrets.token_bytes", bytes)
    assert new_secret().endswith("_" + "0" * 43)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "ck_",
        "ck_short_x",
        "CK_" + "a" * 8 + "_" + "a" * 43,
        new_secret() + "\n",
        new_secret() + "a",
        new_secret()[:-1],
        new_secret().replace("_", "-"),
        "ck_" + "é" * 8 + "_" + "a" * 43,
        " " + new_secret(),
    ],
    ids=[
        "empty",
        "prefix",
        "short",
        "capitals",
        "line end",
        "a letter more",
        "a letter less",
        "hyphens",
        "letters beyond ASCII",
        "a space before",
    ],
)
def test_what_is_no_key(wrong):
    assert prefix_of(wrong) is None
    Ring().refused(wrong)


def test_a_key_is_recognised_and_nothing_of_it_is_kept():
    ring = Ring()
    secret, key = ring.issue()
    who = ring.ring.authenticate(secret)
    assert (who.subject, who.role, who.teams, who.areas) == ("key:night-desk", Role.OFFICER, {"north"}, {EVERY})
    assert who.actions == actions_of(Role.OFFICER) == default_actions(Role.OFFICER)
    assert secret not in repr(key)
    assert key.digest not in repr(key)
    assert secret.rpartition("_")[2] not in f"{key.digest}{ring.audit.records()}"


def test_whatever_is_wrong_sounds_the_same():
    ring = Ring()
    secret, key = ring.issue(name="one")
    revoked, second = ring.issue(name="two")
    revoke(ring.store, ring.audit, second.prefix, "operator", NOW)
    ring.now += timedelta(days=89)
    later, _ = ring.issue(name="three")
    ring.now = NOW + timedelta(days=90)
    guessed = f"ck_{key.prefix}_{'a' * 43}"
    said = {ring.refused(text) for text in (secret, revoked, guessed, new_secret(), "ck_x", "")}
    assert len(said) == 1
    ring.ring.authenticate(later)


def test_a_key_works_to_its_last_moment():
    ring = Ring()
    secret, _ = ring.issue()
    ring.now = NOW + timedelta(days=90) - timedelta(microseconds=1)
    ring.ring.authenticate(secret)
    ring.now = NOW + timedelta(days=90)
    ring.refused(secret)


def test_the_server_key_is_needed():
    secret = new_secret()
    key = create_key(NEW_KEY, [], secret, PEPPER, NOW)
    assert match_key(key, secret, PEPPER, NOW) is key
    assert match_key(key, secret, b"q" * 32, NOW) is None
    assert match_key(replace(key, digest=digest(secret, b"")), secret, PEPPER, NOW) is None


def test_an_unknown_key_is_compared_all_the_same(monkeypatch):
    compared = []
    compare = api_key.hmac.compare_digest
    monkeypatch.setattr(api_key.hmac, "compare_digest", lambda *both: compared.append(both) or compare(*both))
    assert match_key(None, new_secret(), PEPPER, NOW) is None
    assert [tuple(map(len, both)) for both in compared] == [(64, 64)]


def test_two_live_keys_of_a_name():
    ring = Ring()
    first, key = ring.issue()
    second, _ = ring.issue()
    with pytest.raises(InvalidGrant, match=f"2 live keys .*{key.prefix}.*revoke one first") as refused:
        ring.issue()
    assert refused.value.field == "name"
    ring.issue(name="another")
    assert revoke(ring.store, ring.audit, key.prefix, "operator", NOW)
    third, _ = ring.issue()
    ring.refused(first)
    ring.ring.authenticate(second)
    ring.ring.authenticate(third)
    ring.now += timedelta(days=91)
    ring.issue()


def test_revoking_again_changes_nothing():
    ring = Ring()
    _, key = ring.issue()
    assert revoke(ring.store, ring.audit, key.prefix, "operator", NOW)
    assert not revoke(ring.store, ring.audit, key.prefix, "operator", NOW + timedelta(days=1))
    assert not revoke(ring.store, ring.audit, "unknown1", "operator", NOW)
    assert ring.store.find(key.prefix).revoked_at == NOW


def test_issuing_and_revoking_leave_a_trace():
    ring = Ring()
    _, key = ring.issue()
    revoke(ring.store, ring.audit, key.prefix, "user:7f3a", NOW)
    issued, revoked = ring.audit.records()
    assert (issued.actor, issued.action, issued.subject) == ("operator", "key.issued", f"key:{key.prefix}")
    assert issued.details == '{"days":90,"name":"night-desk","role":"officer"}'
    assert (revoked.actor, revoked.action, revoked.subject) == ("user:7f3a", "key.revoked", f"key:{key.prefix}")


def test_the_last_day_of_use_is_written_once_a_day():
    ring = Ring()
    secret, key = ring.issue()
    for hours in (0, 1, 14, 15, 16):
        ring.now = NOW + timedelta(hours=hours)
        ring.ring.authenticate(secret)
    assert ring.writes == 2
    assert ring.store.find(key.prefix).last_used == (NOW + timedelta(days=1)).date()
    ring.refused(f"ck_{key.prefix}_{'a' * 43}")
    assert ring.writes == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "Night Desk"}, "name"),
        ({"name": ""}, "name"),
        ({"name": "ana@example.org"}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"teams": frozenset()}, "team"),
        ({"role": Role.SUPERVISOR, "teams": frozenset()}, "team"),
        ({"teams": frozenset({"north south"})}, "team"),
        ({"areas": frozenset({""})}, "area"),
        ({"areas": frozenset({"x" * 65})}, "area"),
        ({"actions": frozenset({Action.CASE_READ, Action.KEY_MANAGE})}, "action"),
        ({"life": timedelta()}, "expires"),
        ({"life": timedelta(days=-1)}, "expires"),
        ({"life": timedelta(days=367)}, "expires"),
    ],
    ids=[
        "name with a space",
        "no name",
        "an address",
        "a long name",
        "no team",
        "a supervisor of none",
        "team with a space",
        "no area",
        "a long area",
        "more than the role may",
        "no life",
        "ended before it began",
        "over a year",
    ],
)
def test_what_cannot_be_issued(changes, field):
    ring = Ring()
    with pytest.raises(InvalidGrant) as refused:
        ring.issue(**changes)
    assert refused.value.field == field
    assert (list(ring.store.all()), ring.audit.records()) == ([], [])


def test_grants():
    ring = Ring()
    narrow, _ = ring.issue(name="a", areas=frozenset({"B2"}), actions=frozenset({Action.CASE_READ}))
    who = ring.ring.authenticate(narrow)
    assert (who.areas, who.actions) == ({"B2"}, {Action.CASE_READ})
    wide, _ = ring.issue(name="b", role=Role.ADMINISTRATOR, teams=frozenset())
    who = ring.ring.authenticate(wide)
    assert (who.teams, who.areas, who.actions) == ({EVERY}, {EVERY}, default_actions(Role.ADMINISTRATOR))


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
def test_a_key_of_the_whole_city_shows_personal_data_only_if_its_grant_says_so(role):
    ring = Ring()
    usual, _ = ring.issue(name="a", role=role, teams=frozenset())
    assert not ring.ring.authenticate(usual).actions & PERSONAL
    named, _ = ring.issue(name="b", role=role, teams=frozenset(), actions=frozenset({Action.CASE_WORDS}))
    assert ring.ring.authenticate(named).actions == {Action.CASE_WORDS}


def test_a_database_that_takes_no_writes_keeps_nobody_out():
    ring = Ring()
    secret, key = ring.issue()
    ring.full = True
    assert ring.ring.authenticate(secret).subject == "key:night-desk"
    assert ring.store.find(key.prefix).last_used is None
    ring.full = False
    ring.ring.authenticate(secret)
    assert ring.store.find(key.prefix).last_used == NOW.date()

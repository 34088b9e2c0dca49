"""Reading words and contact, on the store in memory: with the right, with one entry in the audit for ten minutes."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from routing_concerns import AT, CITY, EAST, OUTSIDE, WEST, WORDS, submitted
from test_commands import Office

from concord_access import NotAllowed, Principal, Role
from concord_access.authenticator import OPERATOR
from concord_access.domain.permissions import default_actions
from concord_contracts import new_event
from concord_contracts.messages import ContactRecorded, ObjectionGiven
from concord_routing.adapters.resident_decryption import ResidentDecryption
from concord_routing.application.execute_command import CaseNotFound
from concord_routing.application.live_rules import fixed
from concord_routing.application.read_concern import ReadConcern
from concord_routing.domain.looks import WINDOW, is_new_look
from concord_routing.domain.resident_words import Reply
from concord_routing.entrypoints.concern_responses import concern_json, contact_json

MINUTE = timedelta(minutes=1)
SENSITIVE = replace(CITY, categories={"noise": replace(CITY.categories["noise"], sensitive=True)})


def officer(name="user:1", team="patrol-west", role=Role.OFFICER):
    return Principal(name, role, frozenset({team}), frozenset({"*"}), default_actions(role))


def recorded(concern="w", sequence=3, **values):
    given = {"name": "Ana", "email": "ana@example.org", "phone": None, "language": "es", "given_at": AT} | values
    return new_event(ContactRecorded(concern_id=concern, **given), sequence=sequence, time=AT)


@pytest.fixture
def office():
    return Office()


def reader(office, city=CITY):
    return ReadConcern(fixed(city), office, ResidentDecryption(office.bus.codec._keyrings))


def entries(office):
    return [(each.actor, each.action, each.subject, each.details) for each in office.bus.database.store.audit.records()]


def looks(office):
    seen = [each for each in office.bus.published if each.type == "access.recorded.v1"]
    return [(each.partitionkey, each.data.part, each.time) for each in seen]


def test_the_officer_of_the_team_reads_words_and_place(office):
    shown = concern_json(reader(office).concern("W", officer()))
    assert shown["words"] == WORDS
    assert (shown["language"], shown["address"], shown["occurred_at"]) == ("en", None, None)
    assert shown["point"] == {"lon": WEST[0], "lat": WEST[1]}
    assert (shown["case_id"], shown["concern_id"], shown["sensitive"], shown["replies"]) == ("W", "w", False, [])
    assert entries(office) == [("user:1", "case.read", "case:W", "{}")]
    assert looks(office) == [("w", "concern", AT)]


def test_further_looks_within_ten_minutes_are_no_new_entry(office):
    read = reader(office)
    for minutes in (0, 1, 9, 10, 19, 20):
        office.now = AT + minutes * MINUTE
        read.concern("W", officer())
    assert [at for _, _, at in looks(office)] == [AT, AT + 10 * MINUTE, AT + 20 * MINUTE]
    read.concern("W", officer("user:2"))
    assert [entry[0] for entry in entries(office)] == ["user:1"] * 3 + ["user:2"]


def test_a_contact_is_another_look_and_shown_on_demand_only(office):
    office.bus.deliver(recorded())
    read = reader(office)
    assert "ana@example.org" not in json.dumps(concern_json(read.concern("W", officer())))
    assert contact_json(read.contact("W", officer()))["contact"] == {
        "name": "Ana",
        "email": "ana@example.org",
        "phone": None,
        "language": "es",
        "given_at": "2026-11-23T15:00:00Z",
    }
    assert [entry[1] for entry in entries(office)] == ["case.read", "contact.read"]
    assert [what for _, what, _ in looks(office)] == ["concern", "contact"]


def test_no_contact_is_no_look(office):
    assert contact_json(reader(office).contact("W", officer()))["contact"] is None
    assert (entries(office), looks(office)) == ([], [])


def test_the_newest_contact_counts_in_any_order_and_before_the_case(office):
    office.bus.deliver(recorded("late", 5, name="Newer"))
    office.bus.deliver(recorded("late", 3, name="Older"))
    office.bus.deliver(submitted("late", WEST))
    assert reader(office).contact("P", officer()).contact.name == "Newer"


@pytest.mark.parametrize("what", ["concern", "contact"])
def test_a_foreign_case_is_answered_like_an_unknown_one(office, what):
    for case_id, who in (("W", officer(team="works")), ("ZZZZ", officer())):
        with pytest.raises(CaseNotFound):
            getattr(reader(office), what)(case_id, who)
    assert entries(office) == looks(office) == []


@pytest.mark.parametrize("what", ["concern", "contact"])
def test_who_reads_the_case_without_the_right_is_refused_and_nothing_is_recorded(office, what):
    auditor = Principal("user:a", Role.AUDITOR, frozenset({"*"}), frozenset({"*"}), default_actions(Role.AUDITOR))
    office.bus.deliver(recorded())
    for who in (OPERATOR, auditor):
        with pytest.raises(NotAllowed) as refused:
            getattr(reader(office), what)("W", who)
        assert refused.value.missing == ("action",)
    assert entries(office) == looks(office) == []


def test_a_sensitive_category_is_for_the_team_by_name(office):
    everywhere = officer(team="*")
    assert reader(office).concern("W", everywhere).submission
    with pytest.raises(NotAllowed):
        reader(office, SENSITIVE).concern("W", everywhere)
    assert reader(office, SENSITIVE).concern("W", officer()).sensitive


def test_whoever_chooses_the_team_reads_the_words_in_triage(office):
    supervisor = officer(team="works", role=Role.SUPERVISOR)
    assert reader(office).concern("T", supervisor).submission.point.lon == OUTSIDE[0]
    with pytest.raises(NotAllowed):
        reader(office).contact("T", supervisor)


def test_objections_are_shown_with_the_words(office):
    office.order("resolve", raw={"reason": "done"})
    said = ObjectionGiven(concern_id="w", resolution=3, reason="it burns again", given_at=AT)
    office.bus.deliver(new_event(said, sequence=9, time=AT))
    assert reader(office).concern("W", officer()).replies == (Reply(AT, "objection", "it burns again"),)


def test_a_lost_key_leaves_the_rest_readable(office):
    read = ReadConcern(fixed(CITY), office, ResidentDecryption(Office().bus.codec._keyrings))
    shown = concern_json(read.concern("W", officer()))
    assert (shown["words"], shown["point"], shown["category"]) == (None, None, "noise")


def test_the_window_of_a_look():
    assert is_new_look(None, AT)
    assert not is_new_look(AT, AT)
    assert not is_new_look(AT, AT + WINDOW - timedelta(microseconds=1))
    assert is_new_look(AT, AT + WINDOW)
    assert is_new_look(AT + MINUTE, AT), "a clock that went back hides no look"


def test_old_looks_are_deleted(office):
    reader(office).concern("W", officer())
    office.now = AT + WINDOW
    office.client.cases.delete_expired_keys()
    store = office.bus.database.store
    assert store.last_look("W", "user:1", "concern") == AT
    office.now = AT + WINDOW + MINUTE
    office.client.cases.delete_expired_keys()
    assert store.last_look("W", "user:1", "concern") is None


def test_no_text_of_a_resident_shows_in_a_value(office):
    office.bus.deliver(recorded(), submitted("e", EAST, address="1 Main Street"))
    concern, contact = reader(office).concern("W", officer()), reader(office).contact("W", officer())
    assert WORDS not in repr(concern)
    assert "ana" not in repr(contact)

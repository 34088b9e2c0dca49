"""The store's contract, kept by memory, SQLite and PostgreSQL alike."""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.memory.intake import MemoryStore

from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_intake.adapters.repository import SqlStore
from concord_intake.domain.concern import Concern
from concord_intake.domain.import_source import ImportedLine
from concord_intake.domain.reporter import Looks, ReporterAction
from concord_intake.domain.timeline import STATUSES, OfficerMessage, Step, in_order
from concord_intake.ports import Counts, KeyClaim, ReceiptIndex, ReceiptTaken, Store, StoredFeedback

NOW = datetime(2026, 11, 22, 18, 20, 0, 123456, tzinfo=UTC)
DAY = timedelta(days=1)

Opened = Callable[[], AbstractContextManager[Store]]

CONCERN = Concern(
    id="c1",
    receipt_hash=bytes(range(32)),
    category="noise",
    description="Música alta\nevery night 🎺",
    language="es",
    channel="web",
    lon=-71.0589,
    lat=42.3601,
    address=None,
    occurred_at=NOW - DAY,
    received_at=NOW,
    contact_given=True,
)
BARE = replace(CONCERN, id="c2", lon=None, lat=None, address="Pier 4", occurred_at=None, contact_given=False)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest) -> Iterator[Opened]:
    """Opens transactions on an empty store, one after the other."""
    if request.param == "memory":
        store = MemoryStore()

        @contextmanager
        def memory() -> Iterator[Store]:
            yield store

        yield memory
        return
    url = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    upgrade(url, "concord_intake")
    database = Database(url, SqlStore)

    @contextmanager
    def sql() -> Iterator[Store]:
        with database.begin() as (_, store):
            yield store

    yield sql
    database.dispose()


def claim(key: str, concern: str, at: datetime = NOW) -> KeyClaim:
    return KeyClaim(key, concern.encode(), concern, at)


def test_concerns_come_back_as_they_were_added(opened: Opened) -> None:
    with opened() as store:
        store.add([CONCERN, BARE])
    with opened() as store:
        assert store.concerns(["c1", "c2", "c3"]) == {"c1": CONCERN, "c2": BARE}
        assert store.counts() == Counts(concerns=2, contacts=1)


def test_nothing_added_is_nothing_kept(opened: Opened) -> None:
    with opened() as store:
        store.add([])
        store.add_steps([])
        assert store.concerns([]) == {}
        assert store.counts() == Counts(0, 0)


def test_an_id_that_no_database_could_hold_is_just_unknown(opened: Opened) -> None:
    with opened() as store:
        assert store.concerns(["a\0b"]) == {}
        assert store.steps("a\0b") == []


def test_of_claims_on_a_key_the_first_holds_it(opened: Opened) -> None:
    with opened() as store:
        held = store.claim_keys([claim("k2", "c1"), claim("k1", "c2"), claim("k2", "c3")], NOW - DAY)
        assert held == {"k2": claim("k2", "c1"), "k1": claim("k1", "c2")}
    with opened() as store:
        later = claim("k1", "c4", NOW + timedelta(hours=23))
        assert store.claim_keys([later], later.claimed_at - DAY) == {"k1": claim("k1", "c2")}


def test_an_expired_claim_gives_way(opened: Opened) -> None:
    with opened() as store:
        store.claim_keys([claim("k1", "c1")], NOW - DAY)
    later = claim("k1", "c2", NOW + DAY + timedelta(microseconds=1))
    with opened() as store:
        assert store.claim_keys([later], later.claimed_at - DAY) == {"k1": later}


def test_expired_claims_are_forgotten_a_few_at_a_time(opened: Opened) -> None:
    with opened() as store:
        old = [claim(f"k{number}", "c1", NOW - DAY * 2) for number in range(3)]
        store.claim_keys([*old, claim("fresh", "c1")], NOW - DAY * 9)
    with opened() as store:
        assert [store.forget_keys(NOW - DAY, 2) for _ in range(3)] == [2, 1, 0]
        assert store.claim_keys([claim("fresh", "c9")], NOW - DAY)["fresh"].concern_id == "c1"


def line(source: str, line_id: str, concern: str) -> ImportedLine:
    return ImportedLine(source, line_id, concern, f"f-{concern}", NOW - DAY, NOW + DAY, NOW)


def test_a_line_belongs_to_the_first_concern_of_its_source(opened: Opened) -> None:
    with opened() as store:
        claims = [line("b", "1", "c1"), line("a", "1", "c2"), line("b", "1", "c3"), ImportedLine("b", "2", "c4")]
        held = store.claim_lines(claims)
        assert held == {claim.line: claim for claim in (claims[0], claims[1], claims[3])}
    with opened() as store:
        known, new = line("a", "1", "c8"), line("a", "2", "c9")
        assert store.claim_lines([known, new]) == {known.line: claims[1], new.line: new}


@pytest.mark.parametrize("lock", [False, True])
def test_lines_are_found_and_replaced(opened: Opened, lock: bool) -> None:
    before = [line("b", "1", "c1"), line("a", "1", "c2"), line("b", "2", "c3")]
    after = [before[0]._replace(fingerprint="f", closed_at=None), before[1]._replace(fingerprint=None)]
    with opened() as store:
        store.claim_lines(before)
    with opened() as store:
        wanted = [("b", "1"), ("a", "1"), ("a", "2"), ("c", "1")]
        assert store.lines(wanted, lock=lock) == {each.line: each for each in before[:2]}
        store.save_lines(after)
        store.save_lines([])
    with opened() as store:
        assert store.lines([each.line for each in before], lock=lock) == {
            each.line: each for each in (*after, before[2])
        }
        assert store.lines([]) == {}


def test_steps_stay_as_they_came_first_in_any_order(opened: Opened) -> None:
    steps = [
        Step("c1", 1, "unroutable", NOW, reason="outside"),
        Step("c1", 3, "routed", NOW + DAY, "c6", "South team", NOW + DAY * 2, NOW + DAY * 3),
        Step("c2", 1, "routed", NOW, "d4", "North team", NOW + DAY, NOW + DAY),
    ]
    shuffled = random.Random(7).sample(steps * 2, 6)
    with opened() as store:
        store.add_steps(steps)
    for start in range(0, 6, 2):
        with opened() as store:
            store.add_steps([replace(each, team_name="Another") for each in shuffled[start : start + 2]])
    with opened() as store:
        assert sorted(store.steps("c1"), key=lambda step: step.sequence) == steps[:2]
        assert list(store.steps("c2")) == steps[2:]
        assert list(store.steps("c3")) == []


def test_a_whole_story_comes_back_in_any_order_and_told_twice(opened: Opened) -> None:
    story = [Step("c1", place, status, NOW + DAY * place) for place, status in enumerate(STATUSES) if place]
    story[-2] = replace(story[-2], acknowledge_by=NOW + DAY * 20, respond_by=None)
    for seed in range(3):
        with opened() as store:
            store.add_steps(random.Random(seed).sample(story, len(story)))
    with opened() as store:
        assert in_order(store.steps("c1")) == tuple(story)


def test_more_than_a_group_is_taken_at_once(opened: Opened) -> None:
    with opened() as store:
        store.add([replace(CONCERN, id=f"c{number}") for number in range(1200)])
        lines = [line("s", f"l{number}", f"c{number}") for number in range(1200)]
        assert store.claim_lines(lines) == {each.line: each for each in lines}
        store.add_steps([Step(f"c{number}", 1, "routed", NOW) for number in range(1200)])
        assert store.counts() == Counts(1200, 1200)


def test_words_are_kept_once_whatever_is_known_of_the_step(opened: Opened) -> None:
    one = OfficerMessage("c1", 2, "We went to look.", "The county", "Harbour Authority", NOW)
    with opened() as store:
        store.add_officer_messages([OfficerMessage("c2", 2, "Other."), one])
        store.add_officer_messages([replace(one, words="Said again.")])
        store.add_officer_messages([])
    with opened() as store:
        assert store.officer_messages("c1") == [one]
        assert store.officer_messages("c3") == store.officer_messages("a\0b") == []


def test_taken_back_once(opened: Opened) -> None:
    with opened() as store:
        assert store.withdrawn_at("c1") is None
        assert store.withdraw("c1", NOW)
        assert not store.withdraw("c1", NOW + DAY)
        assert store.withdrawn_at("c1") == NOW
        assert store.withdrawn_at("c2") is store.withdrawn_at("a\0b") is None


def test_answered_once_for_each_resolution(opened: Opened) -> None:
    with opened() as store:
        assert store.answer("c1", 5) is None
        first = StoredFeedback("c1", 5, False, NOW, "partly", b"hash")
        assert store.add_answer(first)
        assert not store.add_answer(StoredFeedback("c1", 5, True, NOW))
        assert store.add_answer(StoredFeedback("c1", 9, True, NOW))
    with opened() as store:
        answers = [store.answer("c1", each) for each in (5, 9, 10)]
        assert answers == [first, StoredFeedback("c1", 9, True, NOW), None]


def test_an_action_has_its_key_once_in_its_concern(opened: Opened) -> None:
    first = ReporterAction("c1", "k", "answered", b"one", NOW + DAY)
    earlier = ReporterAction("c1", "a", "contact_set", b"two", NOW)
    other = ReporterAction("c2", "k", "withdrawn", b"three", NOW)
    with opened() as store:
        assert all(store.add_action(each) for each in (first, earlier, other))
        assert not store.add_action(replace(first, fingerprint=b"four"))
    with opened() as store:
        assert list(store.actions("c1")) == [earlier, first]
        assert list(store.actions("c3")) == list(store.actions("a\0b")) == []


def test_looks_are_counted_by_kind_with_their_latest_time(opened: Opened) -> None:
    with opened() as store:
        store.count_looks([Looks("c1", "concern", 1, NOW), Looks("c2", "concern", 1, NOW)])
        store.count_looks([Looks("c1", "concern", 1, NOW - DAY), Looks("c1", "contact", 1, NOW)])
        store.count_looks([])
    with opened() as store:
        looks = sorted(store.looks("c1"), key=lambda look: look.part)
        assert looks == [Looks("c1", "concern", 2, NOW), Looks("c1", "contact", 1, NOW)]
        assert list(store.looks("c3")) == []


def test_a_contact_is_given_later(opened: Opened) -> None:
    with opened() as store:
        store.add([BARE])
        store.set_contact_given("c2")
    with opened() as store:
        assert store.concerns(["c2"])["c2"].contact_given
        assert store.counts() == Counts(1, 1)


def test_a_receipt_finds_its_concern_and_belongs_to_one(opened: Opened) -> None:
    indexed = replace(CONCERN, receipt_index=b"i" * 16)
    with opened() as store:
        store.add([indexed, BARE])
    with opened() as store:
        assert store.concern_of_receipt([b"o" * 16, b"i" * 16]) == indexed
        assert store.concern_of_receipt([b"o" * 16]) is None
    with pytest.raises(ReceiptTaken), opened() as store:
        store.add([replace(indexed, id="c3")])
    with opened() as store:
        assert store.concerns(["c3"]) == {}


def test_the_index_of_older_receipts_is_filled(opened: Opened) -> None:
    with opened() as store:
        store.add([replace(CONCERN, id=f"c{number}") for number in range(4)])
        store.add([replace(CONCERN, id="new", receipt_index=b"z" * 16)])
    with opened() as store:
        assert [each.concern_id for each in store.receipts_without_index("c0", 2)] == ["c1", "c2"]
        assert store.receipts_without_index("", 1) == [ReceiptIndex("c0", CONCERN.receipt_hash)]
        store.set_receipt_indexes({})
        store.set_receipt_indexes({"c0": b"a" * 16, "c1": b"b" * 16, "c2": b"z" * 16})
    with opened() as store:
        assert [each.concern_id for each in store.receipts_without_index("", 9)] == ["c2", "c3"]
        between = store.receipts_indexed_between(b"a" * 16, b"b" * 16, 9)
        assert [(each.concern_id, each.index) for each in between] == [("c0", b"a" * 16), ("c1", b"b" * 16)]
        assert [each.concern_id for each in store.receipts_indexed_between(b"a" * 16 + b"\0", b"b" * 16, 9)] == ["c1"]
        assert len(store.receipts_indexed_between(b"a" * 16, b"b" * 16, 1)) == 1


def test_our_events_of_a_concern_are_counted_on_from_its_first_three(opened: Opened) -> None:
    with opened() as store:
        store.add([CONCERN, replace(CONCERN, id="c2")])
        assert [store.count_events("c1", 1), store.count_events("c1", 3), store.count_events("c2", 1)] == [4, 7, 4]


def test_events_of_many_concerns_are_counted_at_once(opened: Opened) -> None:
    with opened() as store:
        store.add([CONCERN, replace(CONCERN, id="c2"), replace(CONCERN, id="c3")])
        store.count_events("c2", 2)
        assert store.count_event_of_each(["c1", "c2"]) == {"c1": 4, "c2": 6}
        assert store.count_event_of_each([]) == {}
        assert store.count_events("c3", 1) == 4


def test_everything_of_a_step_is_kept(opened: Opened) -> None:
    step = Step("c1", 4, "missed", NOW, area="D4", promise="response", due_at=NOW)
    with opened() as store:
        store.add_steps([step])
    with opened() as store:
        assert store.steps("c1") == [step]

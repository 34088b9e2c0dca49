"""Taking in: each concern once, whatever is repeated and whoever else is in the same transaction."""

from datetime import timedelta

from residents import KEY, NOW, Office, submission

from concord_intake.application.errors import IdempotencyKeyReused
from concord_intake.application.repeated_lines import RepeatedLine
from concord_intake.application.submit_concern import (
    Accepted,
    IdempotencyKey,
    Outcome,
    SubmitConcern,
    SubmitConcernHandler,
)
from concord_intake.domain.import_comparison import SAME
from concord_intake.domain.receipt import Receipts, matches

RECEIPTS = Receipts([KEY])


def take(office: Office, *commands: SubmitConcern) -> list[Outcome]:
    with office.work() as work:
        return list(SubmitConcernHandler(RECEIPTS)(commands, work))


def keyed(value: str = "k1", request: bytes = b"request") -> SubmitConcern:
    return SubmitConcern(submission(), key=IdempotencyKey(value, request))


def taken(outcome: Outcome) -> Accepted:
    assert isinstance(outcome, Accepted)
    return outcome


def test_a_concern_is_kept_and_announced_in_one_transaction() -> None:
    office = Office()
    [outcome] = take(office, SubmitConcern(submission()))
    concern_id = taken(outcome).concern_id
    kept = office.store.concerns([concern_id])[concern_id]
    assert (kept.category, kept.received_at, kept.contact_given) == ("noise", NOW, False)
    assert [(event.type, event.sequence) for event in office.published] == [
        ("concern.received.v1", 1),
        ("concern.submitted.v1", 2),
    ]
    assert {event.partitionkey for event in office.published} == {concern_id}


def test_only_the_hash_of_the_receipt_is_kept() -> None:
    office = Office()
    outcome = taken(take(office, SubmitConcern(submission()))[0])
    kept = office.store.concerns([outcome.concern_id])[outcome.concern_id]
    assert outcome.receipt is not None
    assert matches(outcome.concern_id, outcome.receipt, kept.receipt_hash)
    assert outcome.receipt not in repr(kept)


def test_concerns_that_are_alike_are_concerns_of_their_own() -> None:
    outcomes = take(Office(), SubmitConcern(submission()), SubmitConcern(submission()))
    assert len({taken(each).concern_id for each in outcomes}) == 2


def test_a_request_repeated_with_its_key_gets_the_same_answer_and_has_no_effect() -> None:
    office = Office()
    first = taken(take(office, keyed())[0])
    office.clock.move(hours=23, minutes=59)
    again = taken(take(office, keyed())[0])
    assert (again.concern_id, again.receipt, again.received_at) == (first.concern_id, first.receipt, NOW)
    assert (first.repeated, again.repeated) == (False, True)
    assert len(office.published) == 2
    assert office.store.counts().concerns == 1


def test_a_key_used_for_another_request_takes_nothing_in() -> None:
    office = Office()
    take(office, keyed())
    [outcome] = take(office, keyed(request=b"another"))
    assert isinstance(outcome, IdempotencyKeyReused)
    assert office.store.counts().concerns == 1


def test_a_key_is_free_again_after_a_day() -> None:
    office = Office()
    first = taken(take(office, keyed())[0])
    office.clock.move(hours=24, seconds=1)
    later = taken(take(office, keyed(request=b"another"))[0])
    assert not later.repeated
    assert later.concern_id != first.concern_id


def test_two_requests_of_one_key_in_one_transaction_have_one_effect() -> None:
    office = Office()
    first, second, third = take(office, keyed(), keyed(), keyed(request=b"another"))
    assert taken(first).concern_id == taken(second).concern_id
    assert taken(first).receipt == taken(second).receipt
    assert isinstance(third, IdempotencyKeyReused)
    assert len(office.published) == 2


def test_a_line_is_taken_in_once_for_its_source() -> None:
    office = Office()
    line = SubmitConcern(submission(), line=("boston", "r-1"))
    first, twin = take(office, line, line)
    [again] = take(office, line)
    other = taken(take(office, SubmitConcern(submission(), line=("vancouver", "r-1")))[0])
    assert twin == again == RepeatedLine(taken(first).concern_id, SAME)
    assert other.concern_id != taken(first).concern_id
    assert office.store.counts().concerns == 2


def test_new_and_repeated_commands_of_a_group_each_get_their_own_outcome() -> None:
    office = Office()
    before = taken(take(office, keyed("k1"))[0])
    plain, repeated, fresh = (
        taken(each) for each in take(office, SubmitConcern(submission()), keyed("k1"), keyed("k2"))
    )
    assert repeated.concern_id == before.concern_id
    assert [plain.repeated, repeated.repeated, fresh.repeated] == [False, True, False]
    assert office.store.counts().concerns == 3


def test_after_a_change_of_keys_a_repeated_request_still_gets_its_receipt() -> None:
    office = Office()
    first = taken(take(office, keyed())[0])
    office.clock.now = NOW + timedelta(minutes=1)
    with office.work() as work:
        [again] = SubmitConcernHandler(Receipts([b"n" * 32, KEY]))([keyed()], work)
    assert taken(again).receipt == first.receipt

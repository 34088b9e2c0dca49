"""The account: what adds up, and what is said to be missing when it does not."""

from dataclasses import replace
from typing import Any

import pytest

from concord_cli.up.reconciliation import Account, Backlog, Imported, account_of, gaps

REST = {"outbox": 0, "waiting": 0, "parked": 0, "handled": 0}
LEDGERS: dict[str, dict[str, Any]] = {
    "intake": {"concerns": 10, "contacts": 2, **REST},
    "routing": {"cases": 10, "routed": 8, "unroutable": 2, **REST},
    "notification": {
        "contacts": 2,
        "unanswered": 0,
        "due": 0,
        "sending": 0,
        "delivered": 1,
        "failed": 1,
        "uncertain": 0,
        **REST,
    },
    "metrics": {"measured": 10, "notified": 1, "notification_failed": 1, **REST, "handled": 38},
}
DONE = account_of(LEDGERS, 0, Imported(10, 10))


def test_everything_accounted_for() -> None:
    assert gaps(DONE) == []
    assert (DONE.taken_in, DONE.routed, DONE.unroutable, DONE.measured, DONE.parked) == (10, 8, 2, 10, 0)


def test_messages_are_those_of_the_whole_way() -> None:
    assert DONE.messages == 38 + 10 + 2


def test_concerns_from_elsewhere_are_fine_as_long_as_they_add_up() -> None:
    assert gaps(replace(DONE, imported=Imported(9, 9))) == []


def changed_backlog(**counts: int) -> dict[str, Backlog]:
    return {**DONE.backlogs, "routing": replace(DONE.backlogs["routing"], **counts)}


@pytest.mark.parametrize(
    ("account", "text", "final"),
    [
        (replace(DONE, imported=Imported(12, 10)), "2 of 12 records are not taken in", False),
        (replace(DONE, imported=Imported(11, 11)), "intake holds 10 concerns but took in 11 records", False),
        (
            replace(DONE, imported=Imported(11, 10, 1, "R-3: category: no")),
            "intake refused 1 records, the first: R-3: category: no",
            True,
        ),
        (replace(DONE, routed=7), "10 concerns taken in, but 9 routed or unroutable", False),
        (replace(DONE, unroutable=3), "10 concerns taken in, but 11 routed or unroutable", False),
        (replace(DONE, measured=11), "10 concerns taken in, but 11 measured", False),
        (
            replace(DONE, contacts_stored=1),
            "2 contacts given, 1 stored, 0 of them without a notice, 0 notices due",
            False,
        ),
        (replace(DONE, notices_due=1), "2 contacts given, 2 stored, 0 of them without a notice, 1 notices due", False),
        (replace(DONE, unanswered=1), "2 contacts given, 2 stored, 1 of them without a notice, 0 notices due", False),
        (replace(DONE, notices_measured=1), "2 notices delivered or failed, but 1 measured", False),
        (replace(DONE, backlogs=changed_backlog(parked=1)), "routing parked 1 messages", True),
        (replace(DONE, backlogs=changed_backlog(outbox=4)), "routing has 4 messages in its outbox", False),
        (replace(DONE, backlogs=changed_backlog(waiting=4)), "routing has 4 messages waiting for a retry", False),
        (replace(DONE, queued=3), "3 messages are still in queues", False),
        (replace(DONE, queued=None), "the broker does not report its queue lengths", False),
    ],
)
def test_each_gap_is_named(account: Account, text: str, final: bool) -> None:
    assert [(gap.text, gap.final) for gap in gaps(account)] == [(text, final)]


def test_a_ledger_that_lacks_a_count_is_no_zero() -> None:
    with pytest.raises(KeyError, match="measured"):
        account_of({**LEDGERS, "metrics": REST}, 0, Imported())

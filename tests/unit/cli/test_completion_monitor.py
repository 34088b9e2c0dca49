"""The monitor: until all is accounted for, until waiting is in vain, or until the time is over."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from concord_cli.common.importer import Import
from concord_cli.common.records import Record
from concord_cli.up.completion_monitor import STUCK_SECONDS, CompletionMonitor, MonitorTimeout, ReportContext, is_stuck
from concord_cli.up.reconciliation import Account, Gap
from concord_cli.up.report import Report
from concord_cli.up.routing_agreement import Decision, Share
from concord_cli.up.service_client import ServiceUnavailable

RECORDS = [Record(n, f"R-{n}", "noise", "Loud", None, (-71.0, 42.0), "A", "import") for n in range(1, 5)]
REST = {"outbox": 0, "waiting": 0, "parked": 0, "handled": 0}


class City:
    """Four services in one: what intake takes in is decided at the next look but `slow` later."""

    def __init__(self, slow: int = 2, refuses: frozenset[str] = frozenset(), away: int = 0, parked: int = 0) -> None:
        self.taken: list[str] = []
        self.decided = 0
        self.refuses = refuses
        self.away = away
        self.parked = parked
        self._slow = slow

    def send(self, source: str, lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
        for record, _ in zip(RECORDS, lines, strict=False):
            if record.id in self.refuses:
                problem = {"status": 422, "detail": "no"}
                yield {"line": record.number, "id": record.id, "status": "refused", "problem": problem}
                continue
            status = "already" if record.id in self.taken else "accepted"
            self.taken += [record.id] if status == "accepted" else []
            yield {"line": record.number, "id": record.id, "status": status, "concern_id": f"c{record.number}"}

    def pause(self, seconds: float) -> None:
        self.away -= 1
        self._slow -= 1
        if self._slow <= 0:
            self.decided = len(self.taken)

    def ledger(self, service: str) -> dict[str, Any]:
        if self.away > 0:
            raise ServiceUnavailable("routing does not answer: refused")
        known: dict[str, dict[str, int]] = {
            "intake": {"concerns": len(self.taken), "contacts": 0},
            "routing": {"routed": self.decided, "unroutable": 0},
            "notification": dict.fromkeys(
                ("contacts", "unanswered", "due", "sending", "delivered", "failed", "uncertain"), 0
            ),
            "metrics": {"measured": self.decided, "notified": 0, "notification_failed": 0},
        }
        told = {"handled": 2 * self.decided}
        return {**REST, **known[service], **told, "parked": self.parked if service == "routing" else 0}

    def decisions(self) -> Iterator[tuple[str, Decision]]:
        yield from ((f"c{number + 1}", Decision("A", None)) for number in range(self.decided))


class Shown:
    def __init__(self) -> None:
        self.accounts: list[Account] = []

    def show(self, account: Account) -> None:
        self.accounts.append(account)


def watch(city: City, seconds: float = 30, queued: int | None = 0) -> tuple[Report, list[Account]]:
    shown = Shown()
    context = ReportContext({}, dict, example_contacts=False)
    monitor = CompletionMonitor(city, lambda: queued, RECORDS, city.pause, seconds, context)  # type: ignore[arg-type]
    job = Import(RECORDS, "r", city.send, lambda text: None, example_contacts=False)
    report = monitor.follow(job, shown)
    job.stop()
    job.wait(5)
    return report, shown.accounts


def test_until_everything_is_accounted_for() -> None:
    report, shown = watch(City(slow=3))
    assert (report.missing, report.account.measured, report.account.queued) == ([], 4, 0)
    assert (report.fresh_concerns, report.fresh_messages) == (4, 12)
    assert report.agreement
    assert report.agreement.located == Share(4, 4)
    assert [each.measured for each in shown] == sorted(each.measured for each in shown)


def test_a_second_run_brings_nothing_new() -> None:
    city = City()
    watch(city)
    report, _ = watch(city)
    assert (report.missing, report.fresh_concerns, report.fresh_messages) == ([], 0, 0)
    assert len(city.taken) == 4


def test_a_refused_record_does_not_keep_us_waiting() -> None:
    report, _ = watch(City(refuses=frozenset({"R-2"})))
    assert [each.text for each in report.missing] == ["intake refused 1 records, the first: R-2: no"]


def test_a_service_that_is_away_for_a_while_is_waited_for() -> None:
    report, _ = watch(City(away=5))
    assert report.missing == []


def test_the_time_is_over() -> None:
    report, _ = watch(City(slow=10**9), seconds=0.2)
    assert "4 concerns taken in, but 0 routed or unroutable" in [each.text for each in report.missing]


def test_the_time_is_over_and_a_service_does_not_answer() -> None:
    with pytest.raises(MonitorTimeout, match="routing does not answer: refused"):
        watch(City(away=10**9), seconds=0.2)


def test_messages_in_queues_are_missing_too() -> None:
    report, _ = watch(City(), seconds=0.5, queued=7)
    assert [each.text for each in report.missing] == ["7 messages are still in queues"]


def test_a_parked_message_does_not_keep_us_waiting() -> None:
    report, _ = watch(City(parked=1))
    assert [each.text for each in report.missing] == ["routing parked 1 messages"]


def test_waiting_is_in_vain_when_nothing_moves_after_a_final_gap() -> None:
    final, passing = Gap("parked", final=True), Gap("not yet")
    assert is_stuck([final], 0)
    assert not is_stuck([passing], STUCK_SECONDS + 1)
    assert not is_stuck([final, passing], STUCK_SECONDS - 1)
    assert is_stuck([final, passing], STUCK_SECONDS + 1)

"""An import goes on until every line is answered, whatever breaks meanwhile."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from concord_bus.backoff import Backoff
from concord_cli.common.importer import Import
from concord_cli.common.ndjson_upload import Interrupted, Refused
from concord_cli.common.records import Record

RECORDS = [Record(n, f"R-{n}", "noise", "Loud", None, None, None, "import") for n in range(1, 11)]


class Intake:
    """Takes each line id once. `breaks` says after how many answers each request breaks off."""

    differing: tuple[str, ...] = ()

    def __init__(self, breaks: Iterable[int] = (), problems: dict[str, dict[str, Any]] | None = None) -> None:
        self.concerns: dict[str, str] = {}
        self.requests: list[list[str]] = []
        self.problems = problems or {}
        self._breaks = iter(breaks)

    def __call__(self, source: str, lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
        break_after = next(self._breaks, None)
        self.requests.append([])
        for number, line in enumerate(lines, start=1):
            line_id = json.loads(line)["id"]
            self.requests[-1].append(line_id)
            if line_id in self.problems:
                yield {"line": number, "id": line_id, "status": "refused", "problem": self.problems[line_id]}
                continue
            status = "already" if line_id in self.concerns else "accepted"
            more = {"status": "differs", "differs": ["category"]} if line_id in self.differing else {"status": status}
            self.concerns.setdefault(line_id, f"c-{line_id}")
            if break_after is not None and number > break_after:
                raise Interrupted("gone")
            yield {"line": number, "id": line_id, "concern_id": self.concerns[line_id], **more}


def run(intake: Any) -> tuple[Import, dict[str, str], list[str]]:
    said: list[str] = []
    backoff = Backoff(first=0.001, longest=0.001)
    job = Import(RECORDS, "r", intake, said.append, example_contacts=False, backoff=backoff)
    job.run()
    return job, job.concerns, said


def test_every_line_once_when_nothing_breaks() -> None:
    intake = Intake()
    job, known, said = run(intake)
    assert intake.requests == [[each.id for each in RECORDS]]
    assert known == intake.concerns
    assert (job.accepted, job.failure, said) == (10, None, [])


def test_unanswered_lines_are_sent_again_after_a_break() -> None:
    intake = Intake(breaks=(4, 0, 3))
    _, known, said = run(intake)
    assert [len(each) for each in intake.requests] == [5, 1, 4, 3]
    assert intake.requests[1][0] == "R-5"
    assert known == {each.id: f"c-{each.id}" for each in RECORDS}
    assert len(said) == 3
    assert said[0].startswith("the import was interrupted (gone); retrying in ")


def test_a_later_run_sends_all_and_counts_what_was_in() -> None:
    intake = Intake(problems={"R-8": {"status": 422}})
    run(intake)
    intake.problems, intake.differing = {}, ("R-2",)
    job, known, _ = run(intake)
    assert intake.requests[1] == [each.id for each in RECORDS]
    assert known == intake.concerns
    assert job.statuses == {"accepted": 1, "already": 8, "differs": 1}
    assert (job.accepted, job.differs) == (10, {"R-2": ["category"]})


def test_an_import_begins_with_the_first_record_that_is_new() -> None:
    intake, begun = Intake(problems={"R-1": {"status": 422}}), list[int]()
    for _ in range(2):
        job = Import(RECORDS, "r", intake, print, example_contacts=False)
        job.begin = lambda job=job: begun.append(job.accepted)  # type: ignore[misc]
        job.run()
    assert begun == [0]


def test_a_dry_run_counts_what_would_come_in() -> None:
    def would(source: str, lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
        for number, line in enumerate(lines, start=1):
            yield {"line": number, "id": json.loads(line)["id"], "status": "new"}

    job, _, _ = run(would)
    assert (job.accepted, job.statuses) == (10, {"new": 10})


def test_a_refused_line_is_named_and_not_sent_again() -> None:
    problem = {"status": 422, "title": "Wrong", "errors": [{"field": "category", "detail": "There is no such one"}]}
    intake = Intake(problems={"R-3": problem})
    job, known, _ = run(intake)
    assert len(intake.requests) == 1
    assert job.refused == {"R-3": "category: There is no such one"}
    assert (job.accepted, len(known)) == (9, 9)


def test_a_refused_line_without_an_id_is_named_by_its_number_in_the_request() -> None:
    intake = Intake(breaks=(4,))

    def keeps_ids_back(source: str, lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
        for result in intake(source, lines):
            is_second = len(intake.requests) == 2 and result["line"] == 2
            yield {"line": 2, "status": "refused", "problem": {"status": 400, "title": "No"}} if is_second else result

    job, _, _ = run(keeps_ids_back)
    assert intake.requests[1][1] == "R-6"
    assert (job.accepted, job.refused) == (9, {"R-6": "No"})


@pytest.mark.parametrize("status", [408, 429, 503])
def test_a_line_that_may_succeed_later_is_sent_again(status: int) -> None:
    intake = Intake(problems={"R-3": {"status": status, "detail": "Send it again"}})

    def comes_back(source: str, lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
        yield from intake(source, lines)
        intake.problems.clear()

    job, _, said = run(comes_back)
    assert intake.requests[1:] == [["R-3"]]
    assert (job.accepted, job.refused) == (10, {})
    assert said[0].startswith("intake asked for a retry of some lines")


def test_a_request_that_intake_does_not_take_at_all_ends_the_import() -> None:
    def refuses(source: str, lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
        raise Refused("intake answered 415: no")
        yield {}

    job, _, _ = run(refuses)
    assert job.failure == "intake answered 415: no"
    assert job.done.is_set()


class Away:
    """Never answers. Each attempt costs five seconds of the clock; `answers` says which attempts get one result."""

    def __init__(self, answers: Iterable[int] = ()) -> None:
        self.now = 0.0
        self.attempts = 0
        self._answers = set(answers)

    def __call__(self, source: str, lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
        self.attempts += 1
        if self.attempts in self._answers:
            line_id = json.loads(next(iter(lines)))["id"]
            yield {"line": 1, "id": line_id, "status": "accepted", "concern_id": f"c-{line_id}"}
        self.now += 5.0
        raise Interrupted("connection refused")


def run_away(away: Away, give_up_after: float) -> Import:
    job = Import(
        RECORDS,
        "r",
        away,
        lambda text: None,
        example_contacts=False,
        backoff=Backoff(first=0.001, longest=0.001),
        give_up_after=give_up_after,
        clock=lambda: away.now,
    )
    job.run()
    return job


def test_an_import_gives_up_after_the_time_without_an_answer() -> None:
    away = Away()
    job = run_away(away, 20.0)
    assert (away.attempts, job.failure) == (4, "intake did not answer for 20 s (connection refused)")
    assert job.done.is_set()


def test_the_time_begins_anew_with_each_answer() -> None:
    away = Away(answers=(3, 5))
    job = run_away(away, 20.0)
    assert (away.attempts, job.accepted) == (8, 2)


def test_lines_that_only_ask_for_a_retry_end_too() -> None:
    away = Away()

    def retries(source: str, lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
        away.now += 5.0
        for number, line in enumerate(lines, 1):
            yield {"line": number, "id": json.loads(line)["id"], "status": "refused", "problem": {"status": 503}}

    job = Import(
        RECORDS,
        "r",
        retries,
        lambda text: None,
        example_contacts=False,
        backoff=Backoff(first=0.001, longest=0.001),
        give_up_after=20.0,
        clock=lambda: away.now,
    )
    job.run()
    assert job.failure == "intake has accepted no record for 20 s and asks for a retry"

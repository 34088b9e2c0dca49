"""The import of records: each exactly once, through interruptions and restarts.

Intake knows what is in. So a later run sends all records again, and intake says which of them tell something new.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from concord_bus.backoff import Backoff
from concord_cli.common.ndjson_upload import ANSWER_SECONDS, Interrupted, Refused, may_succeed_later, send
from concord_cli.common.records import Record, Records, line_of

Send = Callable[[str, Iterable[bytes]], Iterator[dict[str, Any]]]
"""Sends `(source, lines)` to intake and yields its result for each line."""
ACCEPTED, UPDATED, ALREADY, DIFFERS, NEW = "accepted", "updated", "already", "differs", "new"
"""Statuses of the records that are in, and of one that would come in."""


@dataclass
class Import:
    """One run over the records. Other threads may read `accepted` and `refused` meanwhile.

    With `give_up_after` it ends when intake is unreachable for so many seconds of `clock`; without, it never gives up.

    `concerns` has the concern by record id, empty in a dry run for a record that would come in. `statuses` counts the
    records by intake's status. `differs` has, by record id, the fields that contradict what intake has. The import
    calls `begin` once, when intake takes in or updates the first record: a repeated import may have nothing new.
    """

    records: Records
    source: str
    sender: Send
    say: Callable[[str], None]
    _: KW_ONLY
    example_contacts: bool
    history: bool = False
    backoff: Backoff = field(default_factory=lambda: Backoff(first=0.2, longest=3.0))
    give_up_after: float | None = None
    clock: Callable[[], float] = time.monotonic
    begin: Callable[[], None] | None = None

    def __post_init__(self) -> None:
        self.concerns: dict[str, str] = {}
        self.statuses: Counter[str] = Counter()
        self.differs: dict[str, list[str]] = {}
        self.refused: dict[str, str] = {}
        self.failure: str | None = None
        self._reached_at = self.clock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name="records", daemon=True)
        self.done = threading.Event()

    @property
    def accepted(self) -> int:
        """Count the records that intake has, or would have."""
        return len(self.concerns)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop the import; a later run imports the rest."""
        self._stopping.set()

    def wait(self, seconds: float) -> None:
        if self._thread.is_alive():
            self._thread.join(seconds)

    def run(self) -> None:
        """Send pending records until there is none. Sets `failure` when intake refuses all, or is away."""
        self._reached_at = self.clock()
        while self._has_pending() and not self._stopping.is_set():
            try:
                self._send_once()
            except Interrupted as broken:
                if self._is_away_too_long():
                    self.failure = f"intake did not answer for {self.give_up_after:g} s ({broken})"
                    break
                self._pause(f"the import was interrupted ({broken})")
            except Refused as error:
                self.failure = str(error)
                break
            else:
                if not self._has_pending():
                    break
                if self._is_away_too_long():
                    self.failure = f"intake has accepted no record for {self.give_up_after:g} s and asks for a retry"
                    break
                self._pause("intake asked for a retry of some lines")
        self.done.set()

    def _pending(self) -> Iterator[Record]:
        """Yield the records that intake has neither accepted nor refused by then."""
        return (record for record in self.records if record.id not in self.concerns and record.id not in self.refused)

    def _has_pending(self) -> bool:
        return any(True for _ in self._pending())

    def _send_once(self) -> None:
        unanswered: dict[int, str] = {}
        for result in self.sender(self.source, self._lines(unanswered)):
            record_id = unanswered.pop(result["line"], "")
            if result.get("status") == "refused":
                self._note_refusal(result.get("id") or record_id, result.get("problem") or {})
            else:
                self._note(result)

    def _note(self, result: dict[str, Any]) -> None:
        record_id, status = result["id"], result["status"]
        if record_id not in self.concerns:
            self.statuses[status] += 1
        if status in (ACCEPTED, UPDATED) and self.begin:
            self.begin()
            self.begin = None
        if status == DIFFERS:
            self.differs[record_id] = result["differs"]
        self.concerns[record_id] = result.get("concern_id", "")
        self._reached_at = self.clock()
        self.backoff.reset()

    def _is_away_too_long(self) -> bool:
        return self.give_up_after is not None and self.clock() - self._reached_at >= self.give_up_after

    def _lines(self, unanswered: dict[int, str]) -> Iterator[bytes]:
        """Yield the line of each pending record until the stop, and note its id by its number from 1."""
        for number, record in enumerate(self._pending(), start=1):
            if self._stopping.is_set():
                return
            unanswered[number] = record.id
            yield self._line(record)

    def _line(self, record: Record) -> bytes:
        line = line_of(record, example_contacts=self.example_contacts, history=self.history)
        return json.dumps(line).encode() + b"\n"

    def _note_refusal(self, record_id: str, problem: dict[str, Any]) -> None:
        """Note a refused line. One that may succeed later stays pending, so that the next run sends it again."""
        if may_succeed_later(problem.get("status", 400)):
            return
        self.refused[record_id] = problem_text(problem)
        self._reached_at = self.clock()

    def _pause(self, why: str) -> None:
        seconds = self.backoff.seconds()
        if self.give_up_after is not None:
            seconds = min(seconds, max(0.0, self._reached_at + self.give_up_after - self.clock()))
        self.say(f"{why}; retrying in {seconds:.1f} s")
        self._stopping.wait(seconds)


def problem_text(problem: dict[str, Any]) -> str:
    """Return the faults of a problem's fields, or its detail or title."""
    errors = [f"{error.get('field')}: {error.get('detail')}" for error in problem.get("errors") or ()]
    return "; ".join(errors) or problem.get("detail") or problem.get("title") or "intake gave no reason"


def to_intake(url: str, token: str | None, seconds: float = ANSWER_SECONDS, *, dry_run: bool = False) -> Send:
    """Return a sender to intake at `url`, with a bearer token if there is one; intake may be silent for `seconds`.

    Intake stores nothing in a `dry_run`.
    """
    seconds = min(seconds, ANSWER_SECONDS)
    return lambda source, lines: send(url, source, lines, token, seconds, dry_run=dry_run)

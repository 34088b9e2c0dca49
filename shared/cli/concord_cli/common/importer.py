"""Takes the records in: each once, whatever breaks meanwhile."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from concord_bus.backoff import Backoff
from concord_cli.common.import_journal import Journal
from concord_cli.common.ndjson_upload import Interrupted, Refused, send
from concord_cli.common.records import Record, line_of

Send = Callable[[str, Iterable[bytes]], Iterator[dict[str, Any]]]
"""`(source, lines)` to answers."""
Say = Callable[[str], None]
NOTED_AT_ONCE = 200


class Import:
    """One run over the records. `answered` and `refused` may be read by other threads meanwhile."""

    def __init__(
        self,
        records: Sequence[Record],
        source: str,
        journal: Journal,
        sender: Send,
        say: Say,
        *,
        example_contacts: bool,
        history: bool = False,
        backoff: Backoff | None = None,
    ) -> None:
        self.refused: dict[str, str] = {}
        self.failure: str | None = None
        self._records = records
        self._source = source
        self._journal = journal
        self._send = sender
        self._say = say
        self._contacts = example_contacts
        self._history = history
        self._backoff = backoff or Backoff(first=0.2, longest=3.0)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name="records", daemon=True)
        self.done = threading.Event()

    @property
    def concerns(self) -> Mapping[str, str]:
        """Concern ids by record id, as far as known."""
        return self._journal.known

    @property
    def answered(self) -> int:
        """Records that intake has, as far as we were told."""
        known = self._journal.known
        return sum(each.id in known for each in self._records)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Break off; a later run goes on from here."""
        self._stopping.set()

    def wait(self, seconds: float) -> None:
        if self._thread.is_alive():
            self._thread.join(seconds)

    def run(self) -> None:
        """Send what is unanswered until nothing is. Sets `failure` when intake refuses the whole request."""
        while (rest := self.unanswered()) and not self._stopping.is_set():
            try:
                self._send_once(rest)
            except Interrupted as broken:
                self._pause(f"the import was interrupted ({broken})")
            except Refused as error:
                self.failure = str(error)
                break
            else:
                if self.unanswered():
                    self._pause("intake asked for some lines again")
        self.done.set()

    def unanswered(self) -> list[Record]:
        """Records of which intake has not said yet whether it has them."""
        known = self._journal.known
        return [each for each in self._records if each.id not in known and each.id not in self.refused]

    def _send_once(self, records: Sequence[Record]) -> None:
        lines = (self._line(each) for each in self._until_stopped(records))
        some: list[tuple[str, str]] = []
        try:
            for answer in self._send(self._source, lines):
                if "concern_id" in answer:
                    some.append((answer["id"], answer["concern_id"]))
                else:
                    self._heed(answer, records)
                if len(some) >= NOTED_AT_ONCE:
                    self._note(some)
        finally:
            self._note(some)

    def _note(self, some: list[tuple[str, str]]) -> None:
        if some:
            self._journal.note(some)
            self._backoff.reset()
            some.clear()

    def _until_stopped(self, records: Sequence[Record]) -> Iterator[Record]:
        for each in records:
            if self._stopping.is_set():
                return
            yield each

    def _line(self, record: Record) -> bytes:
        line = line_of(record, example_contacts=self._contacts, history=self._history)
        return json.dumps(line).encode() + b"\n"

    def _heed(self, answer: dict[str, Any], records: Sequence[Record]) -> None:
        """A line that was not taken in: for now (its status is 5xx), or for good."""
        problem = answer.get("problem") or {}
        if problem.get("status", 400) >= 500:
            return
        record = answer.get("id") or records[answer["line"] - 1].id
        self.refused[record] = in_words(problem)

    def _pause(self, why: str) -> None:
        seconds = self._backoff.seconds()
        self._say(f"{why}; going on in {seconds:.1f} s")
        self._stopping.wait(seconds)


def in_words(problem: dict[str, Any]) -> str:
    """A problem's fields and their faults, or what it says in all."""
    errors = [f"{each.get('field')}: {each.get('detail')}" for each in problem.get("errors") or ()]
    return "; ".join(errors) or problem.get("detail") or problem.get("title") or "no reason was given"


def to_intake(url: str, token: str | None) -> Send:
    """Sends to intake at `url`, with a bearer token when there is one."""
    return lambda source, lines: send(url, source, lines, token)

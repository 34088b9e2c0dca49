"""A batch of concerns: lines of JSON in, a line of answer for each out, while the rest still comes in."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import orjson
import structlog
from marshmallow import ValidationError

from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.ports import Work
from concord_intake.application.history import HistoryImport
from concord_intake.application.submit_concern import Outcome, TakeIn, TakenIn
from concord_intake.domain.concern import Said
from concord_intake.domain.receipt import grouped
from concord_intake.entrypoints.reader import LineReader
from concord_intake.entrypoints.responses import Answers
from concord_intake.ports import Store
from concord_web.line_splitter import LongLine
from concord_web.problem import Problem, problem_from_marshmallow

log = structlog.get_logger("concord.intake")

LINES_AT_ONCE = 400
DEFAULT_SOURCE = "batch"
AWAY = Problem(503, detail="Our database is away for the moment. Send this line again later.")
NO_HISTORY = Problem(
    403,
    detail="A concern with a past is taken in only with a login that may import history (action history:import).",
    errors=[{"field": "reported_at", "detail": "Leave it out, or send the token of a login that may import history."}],
)
FAILED = Problem(500, detail="Something went wrong on our side with this line. Send it again later.")
NO_OBJECT = Problem(400, detail='A line must be one JSON object, such as {"id": "1", "category": …}.')

TakeInAll = Callable[[Sequence[TakeIn], Work[Store]], Sequence[Outcome]]


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number from 1, its id if it could be read, and what it says or why that is refused."""

    number: int
    id: str | None
    content: Said | Problem


class Batch:
    """Takes lines in, four hundred to a transaction; each at most once for its source and id."""

    def __init__(
        self,
        reader: LineReader,
        answers: Answers,
        take_in: TakeInAll,
        open_work: Callable[[], AbstractContextManager[Work[Store]]],
    ) -> None:
        self._reader = reader
        self._answers = answers
        self._take_in = take_in
        self._open_work = open_work

    def run(self, lines: Iterable[bytes | LongLine], source: str, *, importer: str | None = None) -> Iterator[bytes]:
        """Answers, as lines of JSON, for some lines at a time. An empty line asks for the answers so far.

        Lines may have a past only from an `importer`, whom the audit then names.
        """
        history = None if importer is None else HistoryImport(importer, source)
        for some in _chunks(lines):
            read = [self._read(number, raw) for number, raw in some]
            allowed = read if history else [_without_past(each) for each in read]
            yield b"".join(self._answer(allowed, source, history))

    def _read(self, number: int, raw: bytes | LongLine) -> Line:
        if isinstance(raw, LongLine):
            return Line(number, None, raw)
        try:
            values = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            return Line(number, None, Problem(400, detail=f"Not valid JSON: {error.msg} (column {error.colno})."))
        if not isinstance(values, dict):
            return Line(number, None, NO_OBJECT)
        try:
            return Line(number, *self._reader.read_line(values))
        except ValidationError as error:
            named = values.get("id")
            return Line(number, named if isinstance(named, str) else None, problem_from_marshmallow(error.messages))

    def _answer(self, lines: Sequence[Line], source: str, history: HistoryImport | None) -> Iterator[bytes]:
        commands = [
            TakeIn(line.content, line=(source, line.id))
            for line in lines
            if isinstance(line.content, Said) and line.id is not None
        ]
        outcomes = iter(self._outcomes(commands, history))
        for line in lines:
            said = line.content
            answer = self._taken(said, next(outcomes)) if isinstance(said, Said) else _refused(said)
            yield orjson.dumps(
                {"line": line.number, "id": line.id, **answer},
                option=orjson.OPT_APPEND_NEWLINE,
            )

    def _outcomes(self, commands: Sequence[TakeIn], history: HistoryImport | None) -> Sequence[Outcome | Problem]:
        """In one transaction; when that fails, each in its own, so that no line harms another."""
        if not commands:
            return []
        try:
            with self._open_work() as work:
                outcomes = self._take_in(commands, work)
                entry = history and history.entry(commands, outcomes, work.now)
                if entry:
                    work.store.audit.append(entry)
                return outcomes
        except ResourceUnavailable:
            return [AWAY] * len(commands)
        except Exception as error:
            if len(commands) == 1:
                log.error("line failed", cause=type(error).__name__)
                return [FAILED]
            return [outcome for each in commands for outcome in self._outcomes([each], history)]

    def _taken(self, said: Said, outcome: Outcome | Problem) -> dict[str, Any]:
        if isinstance(outcome, Problem):
            return _refused(outcome)
        assert isinstance(outcome, TakenIn), "a line carries no Idempotency-Key"
        if outcome.repeated:
            return {"status": "already", "concern_id": outcome.concern_id}
        receipt = {"receipt": grouped(outcome.receipt)} if outcome.receipt else {}
        warning = self._answers.emergency(said.description, self._answers.languages.nearest(said.language))
        return warning | {"status": "accepted", "concern_id": outcome.concern_id} | receipt


def _without_past(line: Line) -> Line:
    past = isinstance(line.content, Said) and line.content.past is not None
    return replace(line, content=NO_HISTORY) if past else line


def _refused(problem: Problem) -> dict[str, Any]:
    return {"status": "refused", "problem": problem.as_dict()}


def _chunks(lines: Iterable[bytes | LongLine]) -> Iterator[list[tuple[int, bytes | LongLine]]]:
    some: list[tuple[int, bytes | LongLine]] = []
    for number, line in enumerate(lines, start=1):
        if isinstance(line, LongLine) or line.strip():
            some.append((number, line))
        if some and (len(some) == LINES_AT_ONCE or line == b""):
            yield some
            some = []
    if some:
        yield some

"""Bulk import over HTTP: each line of JSON gets a line with its result, while the client still sends lines."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from marshmallow import ValidationError

from concord_intake.application.import_concerns import HistoryImport, ImportConcerns, Refusal
from concord_intake.application.submit_concern import Accepted, Outcome, SubmitConcern
from concord_intake.domain.concern import Submission
from concord_intake.entrypoints.concern_parser import LineParser
from concord_intake.entrypoints.error_responses import REFUSALS
from concord_intake.entrypoints.responses import Responses
from concord_web import LongLine, Problem, problem_from_marshmallow

LINES_PER_TRANSACTION = 400
NOT_AN_OBJECT = Problem(400, detail='A line must be a JSON object, such as {"id": "1", "category": …}.')

RawLine = bytes | LongLine


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """A line with its number, from 1, its id if readable, and its submission or the problem with it."""

    number: int
    id: str | None
    content: Submission | Problem


class NdjsonImport:
    """Parses lines, imports them in groups and renders their results."""

    def __init__(self, parser: LineParser, import_concerns: ImportConcerns, responses: Responses) -> None:
        self._parser = parser
        self._import = import_concerns
        self._responses = responses

    def run(self, lines: Iterable[RawLine], source: str, *, importer: str | None = None) -> Iterator[bytes]:
        """Yield the results of some lines at a time, as lines of JSON. An empty line requests all results so far.

        Only an `importer`, the subject of a login, may import a history.
        """
        history = None if importer is None else HistoryImport(importer, source)
        for group in _groups(lines):
            parsed = [self._parse(number, raw) for number, raw in group]
            yield b"".join(self._results(parsed, source, history))

    def _parse(self, number: int, raw: RawLine) -> ParsedLine:
        if isinstance(raw, LongLine):
            return ParsedLine(number, None, raw)
        try:
            values = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            return ParsedLine(number, None, Problem(400, detail=f"Not valid JSON: {error.msg} (column {error.colno})."))
        if not isinstance(values, dict):
            return ParsedLine(number, None, NOT_AN_OBJECT)
        try:
            return ParsedLine(number, *self._parser.parse_line(values))
        except ValidationError as error:
            line_id = values.get("id")
            problem = problem_from_marshmallow(error.messages)
            return ParsedLine(number, line_id if isinstance(line_id, str) else None, problem)

    def _results(self, lines: Sequence[ParsedLine], source: str, history: HistoryImport | None) -> Iterator[bytes]:
        commands = [
            SubmitConcern(line.content, line=(source, line.id))
            for line in lines
            if isinstance(line.content, Submission) and line.id is not None
        ]
        outcomes = iter(self._import(commands, history))
        for line in lines:
            content = line.content
            result = _refused(content) if isinstance(content, Problem) else self._result(content, next(outcomes))
            yield orjson.dumps({"line": line.number, "id": line.id, **result}, option=orjson.OPT_APPEND_NEWLINE)

    def _result(self, submission: Submission, outcome: Outcome | Refusal) -> dict[str, Any]:
        if isinstance(outcome, Refusal):
            return _refused(REFUSALS[outcome])
        assert isinstance(outcome, Accepted), "a line has no Idempotency-Key"
        return self._responses.line_accepted(outcome, submission)


def _refused(problem: Problem) -> dict[str, Any]:
    return {"status": "refused", "problem": problem.as_dict()}


def _groups(lines: Iterable[RawLine]) -> Iterator[list[tuple[int, RawLine]]]:
    group: list[tuple[int, RawLine]] = []
    for number, line in enumerate(lines, start=1):
        if isinstance(line, LongLine) or line.strip():
            group.append((number, line))
        if group and (len(group) == LINES_PER_TRANSACTION or line == b""):
            yield group
            group = []
    if group:
        yield group

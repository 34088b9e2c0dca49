"""Bulk import over HTTP: each line of JSON gets a line with its result, while the client still sends lines."""

from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import orjson
from marshmallow import ValidationError

from concord_intake.application.errors import IdempotencyKeyReused
from concord_intake.application.import_concerns import Decide, HistoryImport, ImportConcerns, LineOutcome, Refusal
from concord_intake.application.submit_concern import SubmitConcern
from concord_intake.domain.concern import Submission
from concord_intake.domain.import_source import owned_source
from concord_intake.entrypoints.concern_parser import LineParser
from concord_intake.entrypoints.error_responses import REFUSALS
from concord_intake.entrypoints.responses import Responses
from concord_web import Problem, problem_from_marshmallow
from concord_web.json_body import read_json

LINES_PER_TRANSACTION = 400
NOT_AN_OBJECT = Problem(400, detail='A line must be a JSON object, such as {"id": "1", "category": …}.')

RawLine = bytes | Problem
"""A line, or the problem with a line that did not arrive whole."""


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

    def run(
        self,
        lines: Iterable[RawLine],
        source: str,
        *,
        importer: str | None = None,
        sender: str | None = None,
        dry_run: bool = False,
        admit: Callable[[], None] | None = None,
    ) -> Iterator[bytes]:
        """Yield the results of some lines at a time, as lines of JSON. An empty line requests all results so far.

        If the lines end with a Problem, such as one for a line that arrives too slowly, it is the result of that line.
        Only an `importer`, the subject of a login, may import a history. `sender` is the subject of another login: its
        ids are its own. A `dry_run` says what would happen, and stores nothing. `admit` raises Problem for a valid line
        beyond the sender's limit.
        """
        history = None if importer is None else HistoryImport(importer, source)
        ids_of = owned_source(source, importer=importer is not None, sender=sender)
        decide = partial(self._import.preview if dry_run else self._import, history=history)
        for group in _groups(_with_problem(lines)):
            parsed = [_admitted(self._parse(number, raw), admit) for number, raw in group]
            yield b"".join(self._results(parsed, ids_of, decide))

    def _parse(self, number: int, raw: RawLine) -> ParsedLine:
        if isinstance(raw, Problem):
            return ParsedLine(number, None, raw)
        try:
            values = read_json(raw, "The line")
        except Problem as refusal:
            return ParsedLine(number, None, refusal)
        if not isinstance(values, dict):
            return ParsedLine(number, None, NOT_AN_OBJECT)
        try:
            return ParsedLine(number, *self._parser.parse_line(values))
        except ValidationError as error:
            line_id = values.get("id")
            problem = problem_from_marshmallow(error.messages)
            return ParsedLine(number, line_id if isinstance(line_id, str) else None, problem)

    def _results(self, lines: Sequence[ParsedLine], ids_of: str, decide: Decide) -> Iterator[bytes]:
        commands = [
            SubmitConcern(line.content, line=(ids_of, line.id))
            for line in lines
            if isinstance(line.content, Submission) and line.id is not None
        ]
        outcomes = iter(decide(commands))
        for line in lines:
            content = line.content
            result = _refused(content) if isinstance(content, Problem) else self._result(content, next(outcomes))
            yield orjson.dumps({"line": line.number, "id": line.id, **result}, option=orjson.OPT_APPEND_NEWLINE)

    def _result(self, submission: Submission, outcome: LineOutcome) -> dict[str, Any]:
        if isinstance(outcome, Refusal):
            return _refused(REFUSALS[outcome])
        assert not isinstance(outcome, IdempotencyKeyReused), "a line has no Idempotency-Key"
        return self._responses.line(outcome, submission)


def _admitted(line: ParsedLine, admit: Callable[[], None] | None) -> ParsedLine:
    if admit is None or isinstance(line.content, Problem):
        return line
    try:
        admit()
    except Problem as problem:
        return replace(line, content=problem)
    return line


def _refused(problem: Problem) -> dict[str, Any]:
    return {"status": "refused", "problem": problem.as_dict()}


def _with_problem(lines: Iterable[RawLine]) -> Iterator[RawLine]:
    try:
        yield from lines
    except Problem as problem:
        yield problem


def _groups(lines: Iterable[RawLine]) -> Iterator[list[tuple[int, RawLine]]]:
    group: list[tuple[int, RawLine]] = []
    for number, line in enumerate(lines, start=1):
        if isinstance(line, Problem) or line.removeprefix(BOM_UTF8).strip():
            group.append((number, line))
        if group and (len(group) == LINES_PER_TRANSACTION or line == b""):
            yield group
            group = []
    if group:
        yield group

"""Problems, the table, answers, JSON and lines."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from concord_web import LongLine, json_response, problem_from_marshmallow
from concord_web.errors import PROBLEMS
from concord_web.json_body import parse_json
from concord_web.line_splitter import split_lines
from concord_web.problem import Problem
from concord_web.query_string import Query
from concord_web.response import Response


def test_nested_messages_become_dotted_fields():
    messages = {"a": {"0": {"b": ["no", "never"]}}, "c": ["x"], "_schema": ["whole"], "d": {"_schema": ["y"]}}
    problem = problem_from_marshmallow(messages)
    assert [(e["field"], e["detail"]) for e in problem.errors] == [
        ("a.0.b", "no"),
        ("a.0.b", "never"),
        ("c", "x"),
        ("", "whole"),
        ("d", "y"),
    ]
    assert problem.status == 422
    assert problem.detail == "Correct a.0.b, c, d and send the request again."


def test_the_nearest_class_of_the_table_answers():
    class Away(Exception): ...

    class Locked(Away): ...

    table = PROBLEMS.extend({Away: 503, Locked: lambda error: Problem(423, detail=str(error))})
    assert table.find(Away("host")).as_dict() == {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
    }
    assert table.find(Locked("by you")).detail == "by you"
    assert table.find(ValidationError({"a": ["b"]})).status == 422
    assert table.find(KeyError("x")) is None
    assert PROBLEMS.find(Away()) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X", "a\r\nb"),
        ("X", "a\nb"),
        ("X", "\x00"),
        ("X", "€"),
        ("X:", "a"),
        ("", "a"),
        ("X y", "a"),
        ("Content-Length", "1"),
        ("transfer-encoding", "chunked"),
        ("Connection", "close"),
    ],
)
def test_headers_that_could_split_an_answer_are_refused(name, value):
    with pytest.raises(ValueError, match="header"):
        Response(headers={name: value})
    with pytest.raises(ValueError, match="header"):
        Problem(400, headers={name: value})


def test_times_are_written_in_utc():
    body = json_response({"at": datetime(2026, 5, 1, 12, tzinfo=UTC)}).body
    assert body == b'{"at":"2026-05-01T12:00:00Z"}'


def test_depth_is_bounded_exactly():
    assert parse_json(b"[" * 64 + b"]" * 64, 64)
    with pytest.raises(Problem):
        parse_json(b"[" * 65 + b"]" * 65, 64)
    assert len(parse_json(b"[" + b",".join([b"[]"] * 500) + b"]", 2)) == 500


def test_an_empty_argument_counts_as_absent():
    query = Query("a=&b=2&b=3&flag")
    assert (query.arg("a"), query.arg("b"), query.arg("c", "d")) == (None, "2", "d")
    assert query.all("b") == ["2", "3"]
    assert "flag" in query


LINES = st.lists(st.binary(max_size=12).filter(lambda line: b"\n" not in line and b"\r" not in line))


@given(LINES, st.lists(st.integers(1, 5)))
def test_lines_do_not_depend_on_how_the_body_was_cut(lines, sizes):
    body = b"\n".join(lines)
    pieces, at = [], 0
    for size in sizes:
        pieces.append(body[at : at + size])
        at += size
    pieces.append(body[at:])
    expected = body.split(b"\n")
    if expected[-1] == b"":
        expected.pop()
    got = list(split_lines([piece for piece in pieces if piece], 8))
    assert len(got) == len(expected)
    for number, (line, wanted) in enumerate(zip(got, expected, strict=True), start=1):
        if len(wanted) > 8:
            assert isinstance(line, LongLine)
            assert (line.line, line.limit) == (number, 8)
        else:
            assert line == wanted

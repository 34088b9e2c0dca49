"""JSON as other systems write it: with a byte order mark, or in another encoding than UTF-8."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord_web.json_body import parse_json, read_json
from concord_web.problem import Problem
from concord_web.text_encoding import encoding_fault

VALUE = {"description": "Cañón, 5 €"}
TEXT = json.dumps(VALUE, ensure_ascii=False)


def refusal(raw: bytes) -> str:
    with pytest.raises(Problem) as caught:
        parse_json(raw, 8)
    assert caught.value.status == 400
    return caught.value.detail


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_byte_order_mark_is_passed_over(encoding: str) -> None:
    assert parse_json(TEXT.encode(encoding), 8) == VALUE


def test_the_first_byte_that_is_not_utf_8_is_named_with_the_remedy() -> None:
    raw = b'{"description":"Ca\xf1on"}'
    assert refusal(raw) == (
        "The body is not UTF-8: byte 19 is 0xF1, as in Latin-1 or Windows-1252. Save or send it as UTF-8."
    )
    assert "byte 22 is 0xF1" in refusal(b"\xef\xbb\xbf" + raw)


@pytest.mark.parametrize(
    ("encoding", "says"),
    [
        ("utf-16", "is UTF-16, not UTF-8. Save or send it as UTF-8."),
        ("utf-32", "is UTF-32, not UTF-8. Save or send it as UTF-8."),
        ("utf-16-le", "as in UTF-16, at byte 2. Save or send it as UTF-8."),
        ("utf-16-be", "as in UTF-16, at byte 1. Save or send it as UTF-8."),
        ("cp1252", "is not UTF-8: byte 20 is 0xF1"),
    ],
)
def test_another_encoding_is_named(encoding: str, says: str) -> None:
    assert says in refusal(TEXT.encode(encoding))


def test_a_mark_of_the_other_byte_order_is_named() -> None:
    assert "is UTF-16" in refusal(b"\xfe\xff" + TEXT.encode("utf-16-be"))


@pytest.mark.parametrize("raw", [b"", b"\xef\xbb\xbf", b'{"a":}', b"{}\xef\xbb\xbf", b"\xef\xbb\xbf" * 2 + b"{}"])
def test_what_is_no_json_is_said_with_its_place(raw: bytes) -> None:
    assert refusal(raw).startswith("The body is not valid JSON: ")
    assert "line 1, column" in refusal(raw)


@given(st.binary(max_size=60))
def test_every_body_is_read_or_refused_with_a_remedy(raw: bytes) -> None:
    try:
        json.loads(raw.decode("utf-8-sig"), parse_constant=int)
    except (ValueError, RecursionError):
        with pytest.raises(Problem) as caught:
            read_json(raw, "The body")
        assert caught.value.detail.endswith(("as UTF-8.", "Correct it there."))


@given(st.text(max_size=60).filter(lambda text: "\0" not in text))
def test_utf_8_has_no_fault(text: str) -> None:
    assert encoding_fault(text.encode()) is None

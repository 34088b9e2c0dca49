"""Characters that look alike are read alike."""

import sys
import unicodedata

import pytest

from concord_contracts.typed_text import plain_text


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("1\u00a02\u202f3\u2009\u30004", "1 2 3  4"),
        ("1\u20102\u20113\u20134\u20145\u22126\ufe637\uff0d8", "1-2-3-4-5-6-7-8"),
        ("\u202a+1\u00ad2\u200b3\ufeff\u202c", "+123"),
        ("\uff11\u0662\u06f3\u09ea", "1234"),
        ("\uff0b1", "+1"),
        ("caf\u00e9", "caf\u00e9"),
        ("plain - 1", "plain - 1"),
    ],
)
def test_what_looks_alike_is_alike(typed: str, plain: str) -> None:
    assert plain_text(typed) == plain


@pytest.mark.parametrize(("category", "plain"), [("Zs", " "), ("Pd", "-"), ("Cf", "")])
def test_every_character_of_a_category_is_read(category: str, plain: str) -> None:
    chars = [char for char in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(char) == category]
    assert len(chars) > 10
    assert {char for char in chars if set(plain_text(char)) - set(plain)} == set()


def test_every_digit_of_the_world_is_a_digit() -> None:
    digits = [char for char in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(char) == "Nd"]
    assert "".join(map(plain_text, digits)) == "".join(str(unicodedata.decimal(char)) for char in digits)

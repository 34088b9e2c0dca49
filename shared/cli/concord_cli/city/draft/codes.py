"""Codes of areas and categories from a source's own ids and texts."""

import re
import unicodedata
from collections.abc import Collection, Sequence

MAX_LENGTH = 58
"""Characters of a code. `concord_city` takes 64; a team's code is `team-` and the code of its area."""

_APOSTROPHES = re.compile("['`\N{RIGHT SINGLE QUOTATION MARK}]")
_OTHERS = re.compile(r"[^A-Za-z0-9_-]+")
_REPEATED = re.compile(r"([-_])[-_]+")
_LETTERS = str.maketrans(
    {"ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
    | {"đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "\N{LATIN SMALL LETTER DOTLESS I}": "i"}
)


def code_from(text: str, joint: str = "-") -> str:
    """Return the text with only letters, digits, - and _, its words joined by `joint`. It may be empty."""
    letters = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    code = _OTHERS.sub(joint, _APOSTROPHES.sub("", letters).strip())
    return _REPEATED.sub(r"\1", code).strip("-_")[:MAX_LENGTH].rstrip("-_")


def codes_for(texts: Sequence[str], stem: str, joint: str = "-", *, lower: bool = False) -> dict[str, str]:
    """Return a code for each of the different texts. A text that is a code keeps it.

    Texts without a letter for a code get `stem` and a number. With `lower`, codes have small letters only.
    """
    wanted = {text: code_from(text.lower() if lower else text, joint) for text in texts}
    codes = {text: code for text, code in wanted.items() if text and text == code}
    taken = set(codes.values())
    for text, code in wanted.items():
        if text not in codes:
            codes[text] = _free(code, stem, joint, taken)
            taken.add(codes[text])
    return {text: codes[text] for text in texts}


def _free(code: str, stem: str, joint: str, taken: Collection[str]) -> str:
    """Return the code, else with the first number that makes it free. The stem alone always gets a number."""
    if code and code not in taken:
        return code
    number = 2 if code else 1
    while True:
        end = f"{joint}{number}"
        numbered = (code or stem)[: MAX_LENGTH - len(end)] + end
        if numbered not in taken:
            return numbered
        number += 1

"""Guesses the forms of times from a sample of texts. Pure."""

import re
from collections.abc import Sequence

from concord_cli.records.moments import BadTime
from concord_cli.records.time_forms import compiled
from concord_cli.records.times import TimeReader

DATES = (
    "MM/DD/YYYY",
    "DD/MM/YYYY",
    "DD.MM.YYYY",
    "YYYY/MM/DD",
    "DD-MM-YYYY",
    "MM-DD-YYYY",
    "DD MON YYYY",
    "YYYY MON DD",
)
CLOCKS = ("", " hh:mm:ss AM", " hh:mm AM", " HH:mm:ss", " HH:mm")
CANDIDATES = (*(date + clock for date in DATES for clock in CLOCKS), "MM/YYYY", "unix-ms", "unix")
_ISO = TimeReader(None)
MAX_FORMS = 4


def propose_forms(texts: Sequence[str], guesses: list[str]) -> tuple[str, ...]:
    """Return the forms that read the texts which are not ISO 8601. Adds to `guesses` what is uncertain."""
    rest = [text for text in dict.fromkeys(texts) if not _is_iso(text)]
    forms: list[str] = []
    while rest and len(forms) < MAX_FORMS:
        counts = {form: sum(_fits(form, text) for text in rest) for form in CANDIDATES}
        best = max(CANDIDATES, key=lambda form: counts[form])
        if not counts[best]:
            break
        if [form for form in CANDIDATES if counts[form] == counts[best] and _swapped(best) == form]:
            guesses.append(f"Day and month could be exchanged in the times: check the form {best}.")
        forms.append(best)
        rest = [text for text in rest if not _fits(best, text)]
    if rest:
        guesses.append(f"The form of {len(rest)} times is unknown, such as {rest[0]!r}: add it to forms.")
    return tuple(forms)


def is_time(text: str) -> bool:
    """Return whether a text is ISO 8601 or fits a candidate, but no bare number."""
    return _is_iso(text) or any(_fits(form, text) for form in CANDIDATES if not form.startswith("unix"))


def _is_iso(text: str) -> bool:
    try:
        _ISO.read(text)
    except BadTime as error:
        return "offset" in str(error) or "time zone" in str(error)
    return True


def _fits(form: str, text: str) -> bool:
    match = compiled(form).fullmatch(text)
    if match is None:
        return False
    parts = match.groupdict()
    if form.startswith("unix"):
        return len(text) in ((12, 13) if form == "unix-ms" else (9, 10))
    return int(parts.get("month") or 1) <= 12 and int(parts.get("day") or 1) <= 31


def _swapped(form: str) -> str:
    return re.sub("MM|DD", lambda part: "DD" if part.group() == "MM" else "MM", form, count=2)

"""Forms of time as a city writes them down: `MM/DD/YYYY hh:mm:ss AM`. Pure."""

import re
from functools import cache

PARTS = {
    "YYYY": r"(?P<year>[0-9]{4})",
    "MM": r"(?P<month>[0-9]{1,2})",
    "DD": r"(?P<day>[0-9]{1,2})",
    "HH": r"(?P<hour>[0-9]{1,2})",
    "hh": r"(?P<hour12>[0-9]{1,2})",
    "mm": r"(?P<minute>[0-9]{2})",
    "ss": r"(?P<second>[0-9]{2})(?:[.,][0-9]+)?",
    "AM": r"(?P<half>[AaPp]\.?[Mm]\.?)",
    "MON": r"(?P<monthname>[A-Za-z]{3,9})",
}
UNIX_FORMS = {"unix": 1, "unix-ms": 1000}
"""Seconds or milliseconds since 1970 in UTC, with the count in a second."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TOKEN = re.compile("|".join(sorted(PARTS, key=len, reverse=True)) + r"|\s+|.")


class BadForm(ValueError):
    """The form is not understood; the text says why."""


@cache
def compiled(form: str) -> re.Pattern[str]:
    """Return the pattern of a form, whose groups are the parts of a time. Raises BadForm."""
    if form in UNIX_FORMS:
        return re.compile(r"(?P<unix>-?[0-9]{1,16})")
    tokens = _TOKEN.findall(form)
    parts = [token for token in tokens if token in PARTS]
    for part in parts:
        if parts.count(part) > 1:
            raise BadForm(f"the form {form!r} has {part} twice")
    if "YYYY" not in parts or not {"MM", "MON"} & set(parts):
        raise BadForm(f"the form {form!r} lacks {'YYYY' if 'YYYY' not in parts else 'MM'}")
    if ("hh" in parts) != ("AM" in parts):
        raise BadForm(f"the form {form!r} has only one of hh and AM; HH counts to 23")
    if "mm" in parts and not {"HH", "hh"} & set(parts):
        raise BadForm(f"the form {form!r} has minutes without hours; MM is the month, mm the minute")
    if "DD" not in parts and {"HH", "hh"} & set(parts):
        raise BadForm(f"the form {form!r} has hours without DD")
    return re.compile("".join(PARTS.get(token) or _literal(token) for token in tokens))


def _literal(token: str) -> str:
    return r"\s+" if token.isspace() else re.escape(token)

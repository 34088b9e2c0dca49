"""The limits of what may be sent, and the judges of single values. Each is used by the schema and the fast path."""

import re
from datetime import UTC, datetime

from marshmallow import ValidationError, validate

from concord_intake.domain.concern import EARLIEST_YEAR

ADDRESS_LIMIT = 500
NAME_LIMIT = 200
EMAIL_LIMIT = 254
PHONE_LIMIT = 32
LANGUAGE_LIMIT = 35
LINE_ID_LIMIT = 200
SOURCE_LIMIT = 100

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_PHONE = re.compile(r"\+?[0-9 ().\-/]+")
_EXTRAS = str.maketrans("", "", " ().-/")
FEWEST_PHONE_DIGITS, MOST_PHONE_DIGITS = 5, 15

_email = validate.Email(error="This is no e-mail address; it should look like name@example.org.")


def words(text: str) -> str:
    """Text of several lines. Raises ValidationError when it is blank or holds a NUL character."""
    if not text.strip():
        raise ValidationError("Say in a few words what it is about; this is empty.")
    if "\0" in text:
        raise ValidationError("Must not hold the NUL character; remove it.")
    return text


def line(text: str) -> str:
    """Text of one line: no line break or other control character, no blank text. Raises ValidationError."""
    if not text.strip():
        raise ValidationError("Must not be empty; leave the field out instead.")
    if CONTROL.search(text):
        raise ValidationError("Must be one line without control characters.")
    return text


def email(text: str) -> str:
    """Raises ValidationError for what cannot be an e-mail address."""
    if len(text) > EMAIL_LIMIT:
        raise ValidationError(f"An e-mail address has at most {EMAIL_LIMIT} characters.")
    return str(_email(text))


def phone(text: str) -> str:
    """A telephone number; one that begins with + comes back in E.164. Raises ValidationError."""
    digits = text.strip().translate(_EXTRAS)
    count = len(digits.removeprefix("+"))
    plausible = FEWEST_PHONE_DIGITS <= count <= MOST_PHONE_DIGITS and len(text) <= PHONE_LIMIT
    if not plausible or not _PHONE.fullmatch(text.strip()):
        raise ValidationError(
            f"This is no telephone number; write {FEWEST_PHONE_DIGITS} to {MOST_PHONE_DIGITS} digits,"
            " best with the country: +1 617 555 0123."
        )
    return digits if digits.startswith("+") else text.strip()


def language(text: str) -> str:
    """A BCP 47 language tag such as `es` or `es-MX`. Raises ValidationError."""
    if len(text) > LANGUAGE_LIMIT or not _LANGUAGE.fullmatch(text):
        raise ValidationError('Give a language tag such as "en" or "es-MX".')
    return text


def moment(text: str) -> datetime:
    """An ISO 8601 moment with its offset, as UTC. Raises ValidationError."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ValidationError("Write date and time with the offset, such as 2026-11-22T18:20:00-05:00.") from None
    if read.tzinfo is None:
        raise ValidationError("Add the offset from UTC, such as 2026-11-22T18:20:00-05:00, or Z for UTC.")
    if not EARLIEST_YEAR < read.year < 9999:
        raise ValidationError(f"Must be after the year {EARLIEST_YEAR}.")
    return read.astimezone(UTC)

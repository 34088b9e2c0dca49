"""Limits and validators of single values. The schemas and the fast path share them.

A validator returns the value in its canonical form. Raises marshmallow's ValidationError.
"""

import re
from datetime import datetime

from marshmallow import ValidationError

from concord_contracts.fields import NoOffset, OutOfRange, read_instant
from concord_contracts.mail_address import BadAddress, public_address
from concord_contracts.typed_text import plain_text
from concord_intake.domain.concern import EARLIEST_YEAR

ADDRESS_LIMIT = 500
NAME_LIMIT = 200
EMAIL_LIMIT = 254
PHONE_LIMIT = 32
LANGUAGE_LIMIT = 35
LINE_ID_LIMIT = 200
SOURCE_LIMIT = 100

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_PHONE = re.compile(r"\+?[0-9 ().\-/]+")
_PHONE_SEPARATORS = str.maketrans("", "", " ().-/")
_ZERO_AFTER_CODE = re.compile(r"\+[ (]*[0-9]+[^0-9]+0")
MIN_PHONE_DIGITS, MAX_PHONE_DIGITS = 5, 15

_TOO_EARLY = f"Must be after the year {EARLIEST_YEAR}."


def multiline_text(text: str) -> str:
    """Accept text that is not blank and has no NUL character."""
    if not text.strip():
        raise ValidationError("Must not be empty; describe it in a few words.")
    if "\0" in text:
        raise ValidationError("Must not contain the NUL character; remove it.")
    return text


def single_line(text: str) -> str:
    """Accept text that is not blank and has no line break or other control character."""
    if not text.strip():
        raise ValidationError("Must not be empty; leave the field out instead.")
    if _CONTROL.search(text):
        raise ValidationError("Must be one line without control characters.")
    return text


def email(text: str) -> str:
    """Accept an e-mail address that a mail can reach. Returns it as typed, without surrounding spaces."""
    if len(text) > EMAIL_LIMIT:
        raise ValidationError(f"Must have at most {EMAIL_LIMIT} characters.")
    try:
        public_address(text)
    except BadAddress as error:
        raise ValidationError(str(error)) from None
    return text.strip()


def phone(text: str) -> str:
    """Accept a telephone number. A number with a leading + returns in E.164, any other as it was typed.

    A number such as +44 (0)20 7946 0000 or +39 06 0000 0000, with a zero after the country code, stays as typed too. In
    some countries the zero is part of the number, in others only callers inside the country dial it.
    """
    typed = plain_text(text).strip()
    digits = typed.translate(_PHONE_SEPARATORS)
    count = len(digits.removeprefix("+"))
    plausible = MIN_PHONE_DIGITS <= count <= MAX_PHONE_DIGITS and max(len(text), len(typed)) <= PHONE_LIMIT
    if not plausible or not _PHONE.fullmatch(typed):
        raise ValidationError(
            f"Must be a telephone number of {MIN_PHONE_DIGITS} to {MAX_PHONE_DIGITS} digits,"
            " best with the country code: +1 617 555 0123."
        )
    if digits.startswith("+0"):
        raise ValidationError("Must have a country code after the +, such as +1 617 555 0123, or no +.")
    return digits if digits.startswith("+") and not _ZERO_AFTER_CODE.match(typed) else typed


def language(text: str) -> str:
    """Accept a BCP 47 language tag such as `es` or `es-MX`."""
    if len(text) > LANGUAGE_LIMIT or not _LANGUAGE.fullmatch(text):
        raise ValidationError('Must be a language tag such as "en" or "es-MX".')
    return text


def moment(text: str) -> datetime:
    """Accept an RFC 3339 time. Returns UTC."""
    try:
        value = read_instant(text)
    except OutOfRange:
        raise ValidationError(_TOO_EARLY) from None
    except NoOffset:
        raise ValidationError("Add the offset from UTC, such as 2026-11-22T18:20:00-05:00, or Z for UTC.") from None
    except ValueError:
        raise ValidationError("Must be a date and time with offset, such as 2026-11-22T18:20:00-05:00.") from None
    if not EARLIEST_YEAR < value.year < 9999:
        raise ValidationError(_TOO_EARLY)
    return value

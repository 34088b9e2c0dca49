"""The headers of a command: which version of the case it is meant for, and the key that makes it once only."""

import re
from hashlib import sha256
from typing import Any

import orjson

from concord_routing.application.execute_command import Key
from concord_web import Problem

LONGEST_KEY = 255
_TAG = re.compile(r'"([1-9][0-9]{0,8})"')


def etag(version: int) -> str:
    """The strong entity tag of a case's version."""
    return f'"{version}"'


def read_version(if_match: str | None) -> int:
    """The version in `If-Match`. Raises Problem 428 without it, 400 for what is no tag of a case."""
    if if_match is None:
        raise _problem(428, "If-Match", "Send If-Match with the ETag of the case you saw: GET it first.")
    tag = _TAG.fullmatch(if_match.strip())
    if tag is None:
        raise _problem(400, "If-Match", 'Send one strong ETag as the case was answered with, such as "3".')
    return int(tag[1])


def read_key(value: str | None, request: Any) -> Key | None:
    """The `Idempotency-Key`, if there is one, for a request of JSON values. Raises Problem 400."""
    if value is None:
        return None
    if not 1 <= len(value) <= LONGEST_KEY or not (value.isascii() and value.isprintable()):
        detail = f"Must be 1 to {LONGEST_KEY} printable ASCII characters, such as a UUID."
        raise _problem(400, "Idempotency-Key", detail)
    return Key(value, sha256(orjson.dumps(request, option=orjson.OPT_SORT_KEYS)).digest())


def key_reused() -> Problem:
    detail = "The key was used for another request within the last day; use a new key for a new one."
    return _problem(422, "Idempotency-Key", detail)


def _problem(status: int, header: str, detail: str) -> Problem:
    return Problem(status, detail=f"{header}: {detail}", errors=[{"field": header, "detail": detail}])

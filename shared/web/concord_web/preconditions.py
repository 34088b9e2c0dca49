"""Headers that make a change safe: If-Match with an ETag, and Idempotency-Key.

version = read_if_match(request.headers)            # Problem 428 or 400
key = read_idempotency_key(request.headers)         # Problem 400; None without the header
digest = fingerprint(request.json())                # equal for equal JSON
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson

from concord_web.params import header
from concord_web.problem import Problem
from concord_web.query_string import field_problem

LONGEST_KEY = 255
_TAG = re.compile(r'"([1-9][0-9]{0,8})"')

IF_MATCH = header("If-Match", "the ETag of the version you read", required=True, pattern='^"[0-9]+"$')
IDEMPOTENCY_KEY = header(
    "Idempotency-Key",
    "send the same key again within a day: the request takes effect only once",
    minLength=1,
    maxLength=LONGEST_KEY,
)


def etag(version: int) -> str:
    """Return the strong entity tag of a version, such as `"3"`."""
    return f'"{version}"'


def read_if_match(headers: Mapping[str, str]) -> int:
    """Return the version in `If-Match`, which must be one strong ETag.

    Raises Problem 428 without the header, 400 for another value.
    """
    given = headers.get("if-match")
    if given is None:
        raise field_problem("If-Match", "Send If-Match with the ETag of the version you read. GET it first.", 428)
    tag = _TAG.fullmatch(given.strip())
    if tag is None:
        raise field_problem("If-Match", 'Must be the one strong ETag of an earlier response, such as "3".')
    return int(tag[1])


def read_idempotency_key(headers: Mapping[str, str]) -> str | None:
    """Return the `Idempotency-Key`; None without the header. Raises Problem 400."""
    key = headers.get("idempotency-key")
    if key is None or (1 <= len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        return key
    raise field_problem("Idempotency-Key", f"Must be 1 to {LONGEST_KEY} printable ASCII characters, such as a UUID.")


def canonical_json(value: Any) -> bytes:
    """Return the same bytes for equal JSON values, whatever the order of their members."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def fingerprint(value: Any) -> bytes:
    """Return the SHA-256 digest of a JSON value, to recognise the same request again."""
    return sha256(canonical_json(value)).digest()


def key_reused() -> Problem:
    """Return the 422 for a key that came with another request before."""
    detail = "This key belongs to a different request of the last day. Use a new key for a new request."
    return field_problem("Idempotency-Key", detail, 422)

"""Teaches schemathesis the media type of batches: one JSON value a line."""

import json
from typing import Any

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(context: Any, value: Any) -> bytes:
    return json.dumps(value).encode() + b"\n"

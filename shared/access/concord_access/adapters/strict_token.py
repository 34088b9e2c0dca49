"""The strict reading of a token's JSON, before any library interprets it."""

import base64

from concord_contracts.strict_json import loads


def check_json(token: str) -> None:
    """Raise ValueError unless header and claims are strict JSON, where each key comes once and numbers are finite."""
    for part in token.split(".")[:2]:
        loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))

"""Receipts: sixteen digits that let a reporter, and nobody else, see what becomes of a concern.

A receipt is derived from a server secret and the concern's id, so that it can be told again to who repeats a request
although only its hash is kept. Fifteen digits are about 50 bits; the sixteenth is a Luhn check digit (ISO/IEC 7812-1,
annex B), which finds every single wrong digit and nearly every swap of two neighbours.
"""

import hmac
from collections.abc import Sequence
from hashlib import sha256

DIGITS = 16
_PERSONAL = 10 ** (DIGITS - 1)
_PLAIN = bytes.maketrans(b"0123456789", bytes(range(10)))
_DOUBLED = bytes.maketrans(b"0123456789", bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)))


class Receipts:
    """Issues receipts with the first of `keys`; the others are older ones, kept for requests repeated meanwhile."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise ValueError("receipts need a key")
        self._keys = tuple(keys)

    def issue(self, concern_id: str) -> str:
        """The receipt of a new concern, sixteen digits without spaces."""
        return _derive(self._keys[0], concern_id)

    def again(self, concern_id: str, receipt_hash: bytes) -> str | None:
        """The receipt issued before; None when the key it was derived with is no longer here."""
        for key in self._keys:
            receipt = _derive(key, concern_id)
            if matches(concern_id, receipt, receipt_hash):
                return receipt
        return None

    def fingerprint(self, request: bytes) -> bytes:
        """Tells requests apart without keeping them: nobody without the key can guess what was in one."""
        return hmac.digest(self._keys[0], b"request\0" + request, "sha256")

    def same_request(self, request: bytes, fingerprint: bytes) -> bool:
        """Whether the fingerprint, made with any of the keys, is of this request."""
        prints = (hmac.digest(key, b"request\0" + request, "sha256") for key in self._keys)
        return any(hmac.compare_digest(each, fingerprint) for each in prints)


def receipt_hash(concern_id: str, receipt: str) -> bytes:
    """What is kept of a receipt: SHA-256, salted with the concern's id."""
    return sha256(f"{concern_id}:{receipt}".encode()).digest()


def matches(concern_id: str, receipt: str, kept: bytes) -> bool:
    """Whether a receipt is the one whose hash was kept, in a time that says nothing about how near it was."""
    return hmac.compare_digest(receipt_hash(concern_id, receipt), kept)


def grouped(receipt: str) -> str:
    """For reading: `1234 5678 9012 3452`."""
    return " ".join(receipt[start : start + 4] for start in range(0, DIGITS, 4))


def ungrouped(given: str) -> str:
    """A receipt as somebody typed it, without spaces and hyphens."""
    return given.replace(" ", "").replace("-", "")


def check_digit(digits: str) -> int:
    """The Luhn digit that belongs behind `digits`."""
    backwards = digits.encode()[::-1]
    return -(sum(backwards[::2].translate(_DOUBLED)) + sum(backwards[1::2].translate(_PLAIN))) % 10


def _derive(key: bytes, concern_id: str) -> str:
    digest = hmac.digest(key, b"receipt\0" + concern_id.encode(), "sha256")
    digits = f"{int.from_bytes(digest[:8], 'big') % _PERSONAL:0{DIGITS - 1}d}"
    return f"{digits}{check_digit(digits)}"

"""Receipts: sixteen digits that open the status of one concern.

Intake derives a receipt from a secret key and the concern's id, and stores only its hash and a keyed index, by which
the receipt alone finds the concern. For a repeated request it derives the same receipt again. Fifteen digits are about
50 bits. The sixteenth is a Luhn check digit (ISO/IEC 7812-1, annex B), which detects every single wrong digit and
nearly every swap of two neighbours.
"""

import hmac
from collections.abc import Sequence
from hashlib import blake2b, sha256

from concord_contracts.typed_text import plain_text

DIGITS = 16
_TAG_BYTES, _INDEX_BYTES = 4, 12
_PERSONAL = 10 ** (DIGITS - 1)
_PLAIN = bytes.maketrans(b"0123456789", bytes(range(10)))
_LOOK_ALIKES = str.maketrans("OoIiLl|", "0011111")
_DOUBLED = bytes.maketrans(b"0123456789", bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)))


class Receipts:
    """Issues receipts with the first of `keys`. The older keys are for requests repeated after a key rotation."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise ValueError("receipts need at least one key")
        self._keys = tuple(keys)
        self._tags = tuple(sha256(b"find\0" + key).digest()[:_TAG_BYTES] for key in keys)
        self._line_hash = blake2b(key=sha256(b"line\0" + keys[0]).digest(), digest_size=16)

    def issue(self, concern_id: str) -> str:
        """Return the receipt of a new concern: sixteen digits without spaces."""
        return _derive(self._keys[0], concern_id)

    def reissue(self, concern_id: str, receipt_hash: bytes) -> str | None:
        """Return the receipt from before, or None without the key that it came from."""
        for key in self._keys:
            receipt = _derive(key, concern_id)
            if matches(concern_id, receipt, receipt_hash):
                return receipt
        return None

    def index(self, receipt: str) -> bytes:
        """Return the sixteen bytes under which intake stores and finds a concern: a tag of the key, and a keyed hash.

        Without the key nobody can try out receipts on a copy of the database. The tag shows which key made an index.
        """
        return _index(self._keys[0], self._tags[0], receipt)

    def indexes(self, receipt: str) -> list[bytes]:
        """Return the index of a receipt under each key, the newest first."""
        return [_index(key, tag, receipt) for key, tag in zip(self._keys, self._tags, strict=True)]

    def older_indexes(self) -> list[tuple[bytes, bytes]]:
        """Return the least and the greatest index under each key but the newest."""
        return [(tag + bytes(_INDEX_BYTES), tag + b"\xff" * _INDEX_BYTES) for tag in self._tags[1:]]

    def fingerprint(self, request: bytes) -> bytes:
        """Return a keyed hash (HMAC) of a request. Without the key nobody can guess the request from it."""
        return hmac.digest(self._keys[0], b"request\0" + request, "sha256")

    def line_fingerprint(self, content: bytes) -> str:
        """Return 32 hexadecimal digits of a keyed hash (BLAKE2) of an import line's content. It is faster than HMAC."""
        keyed = self._line_hash.copy()
        keyed.update(content)
        return keyed.hexdigest()

    def same_request(self, request: bytes, fingerprint: bytes) -> bool:
        """Return whether any of the keys makes this fingerprint of the request."""
        candidates = (hmac.digest(key, b"request\0" + request, "sha256") for key in self._keys)
        return any(hmac.compare_digest(candidate, fingerprint) for candidate in candidates)


def receipt_hash(concern_id: str, receipt: str) -> bytes:
    """Return the SHA-256 hash to store, salted with the concern's id."""
    return sha256(f"{concern_id}:{receipt}".encode()).digest()


def matches(concern_id: str, receipt: str, stored_hash: bytes) -> bool:
    """Return whether the receipt has this hash. The comparison takes constant time."""
    return hmac.compare_digest(receipt_hash(concern_id, receipt), stored_hash)


def grouped(receipt: str) -> str:
    """Return the receipt in groups of four digits: `1234 5678 9012 3452`."""
    return " ".join(receipt[start : start + 4] for start in range(0, DIGITS, 4))


def ungrouped(receipt: str) -> str:
    """Return the receipt as it was issued, however it was typed: only its digits.

    Spaces, dashes, other punctuation and invisible characters vanish, digits of any script become ASCII. The letters O
    and I or L stand for 0 and 1, because a receipt has no letters. Any other letter stays, so it opens nothing.
    """
    return "".join(char for char in plain_text(receipt).translate(_LOOK_ALIKES) if char.isalnum())


def check_digit(digits: str) -> int:
    """Return the Luhn check digit of `digits`."""
    backwards = digits.encode()[::-1]
    return -(sum(backwards[::2].translate(_DOUBLED)) + sum(backwards[1::2].translate(_PLAIN))) % 10


def _index(key: bytes, tag: bytes, receipt: str) -> bytes:
    return tag + hmac.digest(key, b"find\0" + receipt.encode(), "sha256")[:_INDEX_BYTES]


def _derive(key: bytes, concern_id: str) -> str:
    digest = hmac.digest(key, b"receipt\0" + concern_id.encode(), "sha256")
    digits = f"{int.from_bytes(digest[:8], 'big') % _PERSONAL:0{DIGITS - 1}d}"
    return f"{digits}{check_digit(digits)}"

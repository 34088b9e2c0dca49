"""Recognises the encoding of a records file, and formats other than CSV."""

import codecs

from concord_cli.records.rows import InvalidRecords

SAMPLE_BYTES = 65536
KEEP_BYTES = "concord_keep_bytes"
"""Name of the error handler for bytes that are no text."""
MIN_CHARACTERS, MOST = 4, 0.8
"""UTF-16 without a byte order mark shows by zeros: one byte of most Latin characters."""
NOT_CSV = {
    b"PK\x03\x04": "an Excel workbook or a ZIP archive; save the sheet as CSV UTF-8, or unpack the archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save the sheet as CSV UTF-8",
    b"\x1f\x8b": "compressed with gzip; unpack it first",
    b"%PDF": "a PDF; export the records as CSV",
    b"SQLite format 3": "an SQLite database; export the table as CSV",
    b"{": "JSON; export the records as CSV",
    b"[{": "JSON; export the records as CSV",
    b"<": "XML or a web page; export the records as CSV",
}
BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def encoding_of(name: str, head: bytes) -> str:
    """Return the encoding that the first bytes of a file show: UTF-8 unless they say otherwise.

    Raises InvalidRecords for a file that is no CSV.
    """
    for start, what in NOT_CSV.items():
        if head.lstrip(b" \r\n\t\xef\xbb\xbf").startswith(start):
            raise InvalidRecords(f"{name} is {what}.")
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if head.startswith(mark):
            return encoding
    for encoding, first in (("utf-16-be", 0), ("utf-16-le", 1)):
        high = head[first:200:2]
        if len(high) > MIN_CHARACTERS and high.count(0) > MOST * len(high):
            return encoding
    return "utf-8-sig"


def _keep_bytes(error: UnicodeError) -> tuple[str, int]:
    """Stand in for bytes that are no text with lone surrogates, as `surrogateescape` does for UTF-8 only."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(KEEP_BYTES, _keep_bytes)

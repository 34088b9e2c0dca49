"""The name of a text's encoding, when it is not UTF-8."""

from __future__ import annotations

from codecs import BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE

_MARKS = ((BOM_UTF32_LE, "UTF-32"), (BOM_UTF32_BE, "UTF-32"), (BOM_UTF16_LE, "UTF-16"), (BOM_UTF16_BE, "UTF-16"))
REMEDY = "Save or send it as UTF-8."


def encoding_fault(raw: bytes) -> str | None:
    """Return what is wrong with the encoding and the remedy, to follow "The body"; None for UTF-8."""
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return f"is {name}, not UTF-8. {REMEDY}"
    if b"\0" in raw:
        return f"has bytes of the value 0, as in UTF-16, at byte {raw.index(0) + 1}. {REMEDY}"
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        byte = f"0x{raw[error.start]:02X}"
        return f"is not UTF-8: byte {error.start + 1} is {byte}, as in Latin-1 or Windows-1252. {REMEDY}"
    return None

"""Texts and addresses that occur nowhere else in the world, and the search for them in raw bytes."""

import base64
import re
import struct
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

MARK = "QanaryBird"
TEXT = re.compile(rb"qanarybird([a-z]+)q", re.IGNORECASE)
LON, LAT = -71.08331234, 42.32998765
ADDRESSES = ("203.0.113.77", "198.51.100.23", "192.0.2.61")
CONTENT = {
    "phone": ("617-555-0187", "6175550187", "(617) 555-0187", "617 555 0187"),
    "client": ADDRESSES,
    "point": ("71.08331234", "42.32998765"),
}


def canary(kind: str) -> str:
    """A word to be found again; `kind` are small letters and says what it stands for."""
    return f"{MARK}{kind}q"


def _encoded(text: bytes) -> set[bytes]:
    """As base64 holds it at each offset, without the letters that depend on what stands beside; as hex digits."""
    forms = {text.hex().encode(), text.hex().upper().encode()}
    for offset in range(3):
        whole = base64.b64encode(b"-" * offset + text)
        certain = (offset + len(text)) // 3 * 4
        forms.add(whole[4 if offset else 0 : certain])
    return forms


ENCODED = frozenset(form for mark in (MARK, MARK.lower()) for form in _encoded(mark.encode()))
BINARY_POINT = tuple(struct.pack(order, each) for order in (">d", "<d") for each in (LON, LAT))


def kinds_in(content: bytes) -> set[str]:
    """What of the canaries these bytes hold: as it was said, in any case, or merely encoded."""
    found = {kind.decode().lower() for kind in TEXT.findall(content)}
    found |= {kind for kind, texts in CONTENT.items() if any(text.encode() in content for text in texts)}
    if any(each in content for each in BINARY_POINT):
        found.add("point")
    if any(each in content for each in ENCODED):
        found.add("encoded")
    return found


def kinds_by_place(places: Iterable[tuple[str, bytes]]) -> Mapping[str, set[str]]:
    """What was found, by the name of the place; places without any are left out."""
    found: dict[str, set[str]] = defaultdict(set)
    for place, content in places:
        if kinds := kinds_in(content):
            found[place] |= kinds
    return dict(found)


def files_of(home: Path) -> Iterable[tuple[str, bytes]]:
    """Every file below `home`; a database together with what SQLite keeps beside it."""
    for each in sorted(home.rglob("*")):
        try:
            if each.is_file():
                yield re.sub(r"\.db-(wal|shm|journal)$", ".db", str(each.relative_to(home))), each.read_bytes()
        except FileNotFoundError:
            continue

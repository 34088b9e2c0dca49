"""An import line's place in intake: its source with the owner, its id there, and what its last coming told."""

from datetime import datetime
from typing import NamedTuple

Line = tuple[str, str]
"""An import line: the name of its source with its owner (see `owned_source`), and its id there."""

OWNER_END = "\x1f"
"""Ends the owner in the stored name. The name of a source has no control characters, so no source can imitate one."""

ANONYMOUS = f"{OWNER_END}batch"
"""The source of all lines that come without a login. Their senders cannot name another one."""


class ImportedLine(NamedTuple):
    """An import line that created a concern. Times are UTC. A tuple, because an import makes thousands a second.

    `fingerprint` is a keyed hash of the content that the line last told, and the times are its history. A line from
    before intake kept these has None in all of them, so its history is unknown.
    """

    source: str
    line_id: str
    concern_id: str
    fingerprint: str | None = None
    reported_at: datetime | None = None
    promised_by: datetime | None = None
    closed_at: datetime | None = None

    @property
    def line(self) -> Line:
        return self[:2]


def owned_source(source: str, *, importer: bool, sender: str | None) -> str:
    """Return the name under which a store keeps the ids of a source.

    Logins that may import the city's history (`importer`) share the plain name: they all write the city's records. The
    `sender` of any other login has ids of its own. Senders without a login share ANONYMOUS, whatever the source.
    """
    if importer:
        return source
    return ANONYMOUS if sender is None else f"{sender}{OWNER_END}{source}"


def line_key(line: Line, fingerprint: str) -> Line:
    """Return the line under which a store keeps it.

    Nobody owns the ids of ANONYMOUS. There only a line with the same id and the same content is the same line. So no
    sender takes the id of another one, or learns what another one sent.
    """
    source, line_id = line
    return (source, f"{line_id}{OWNER_END}{fingerprint}") if source == ANONYMOUS else line

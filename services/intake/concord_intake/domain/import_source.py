"""The owner of an import's ids: whoever sends lines cannot take the ids of somebody else."""

OWNER_END = "\x1f"
"""Ends the owner in the stored name. The name of a source has no control characters, so no source can imitate one."""


def owned_source(source: str, *, importer: bool, sender: str | None) -> str:
    """Return the name under which a store keeps the ids of a source.

    Logins that may import the city's history (`importer`) share the plain name: they all write the city's records. The
    `sender` of any other login has ids of its own. Senders without a login share one name, apart from all logins.
    """
    return source if importer else f"{sender or ''}{OWNER_END}{source}"

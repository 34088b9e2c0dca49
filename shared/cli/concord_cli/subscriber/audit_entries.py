"""Entries of the audit about subscribers: numbers, and the subscriber's name."""

from collections.abc import Mapping

from concord_access.domain.audit_entry import Code
from concord_bus.topology.grants import Grant


def subject_of(name: str) -> str:
    return f"subscriber:{name}"


def sizes(grant: Grant) -> Mapping[str, Code]:
    """Return how many types, areas and categories a grant has (None for every one), and the days of its replay."""
    return {
        "types": len(grant.types),
        "areas": len(grant.areas) or None,
        "categories": len(grant.categories) or None,
        "replay_days": grant.replay_days,
    }

"""What the audit keeps of an operator's command on an endpoint: codes and numbers, so that it outlives the endpoint.

No secret, no contact, and of the URL only host and port: path and query may hold a secret of the receiver's.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from concord_access.audit import Code, Entry, as_code
from concord_notification.webhooks.domain.endpoint import Endpoint
from concord_notification.webhooks.domain.url_policy import Target


class Act(StrEnum):
    """The audit's words for what was done."""

    ADDED = "webhook.added"
    ROTATED = "webhook.rotated"
    DISABLED = "webhook.disabled"
    ENABLED = "webhook.enabled"
    REMOVED = "webhook.removed"
    REPLAYED = "webhook.replayed"


def entry(act: Act, endpoint: Endpoint, actor: str, now: datetime, details: Mapping[str, Code]) -> Entry:
    """`actor` is the subject of the principal who asked for it."""
    return Entry(now, actor, act, f"webhook:{endpoint.id}", {"name": endpoint.name, **details})


def added(endpoint: Endpoint, target: Target) -> dict[str, Code]:
    """Where events go from now on, and to how many types, areas and categories that is bounded; None is every one."""
    grant = endpoint.grant
    return {
        "host": as_code(target.authority),
        "types": len(grant.types),
        "areas": None if grant.areas is None else len(grant.areas),
        "categories": None if grant.categories is None else len(grant.categories),
    }

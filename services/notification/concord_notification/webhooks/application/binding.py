"""Which events have to be brought for webhooks."""

from collections.abc import Collection, Iterable

from concord_notification.webhooks.domain.endpoint import Endpoint


def wanted(endpoints: Iterable[Endpoint], at_will: Collection[str]) -> frozenset[str]:
    """Of the types `at_will`, those that an endpoint is granted.

    A disabled one counts: what comes for it is kept as failed, so that it can be replayed.
    """
    return frozenset(kind for each in endpoints for kind in each.grant.types if kind in at_will)

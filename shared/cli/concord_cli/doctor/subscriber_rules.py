"""Checks of the subscribers' logins against their grants, and of other logins that can receive all events. Pure."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from concord_bus.topology.declarations import SERVICES
from concord_bus.topology.grants import Grant
from concord_bus.topology.subscriber_admin import Subscriber
from concord_bus.topology.subscriber_bindings import MAX_OWN_BINDINGS, missing, surplus
from concord_bus.topology.subscriber_permissions import (
    copies_exchange,
    operator_policy,
    permission,
    policy_name,
    topic_permissions,
    user_limits,
)
from concord_cli.common.terminal_text import counted
from concord_cli.doctor.findings import Finding, ok, problem, warning
from concord_contracts.catalogue import PRIVATE_EXCHANGE, PUBLIC_EXCHANGE

ABOUT = "subscribers"
QUEUES = "sub."
FULL_SHARE = 0.8
"""Share of a queue's length above which its oldest messages are at risk."""
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Logins:
    """Rows of the management API: `users` and `limits` of the broker, the rest of the virtual host."""

    users: Rows
    permissions: Rows
    topic_permissions: Rows
    limits: Rows
    operator_policies: Rows


def check_subscribers(
    subscribers: Sequence[Subscriber], live: Logins, queues: Rows, bindings: Rows
) -> Iterator[Finding]:
    """Check all subscribers; `queues` and `bindings` are those of the virtual host."""
    faults = [
        *(finding for subscriber in subscribers for finding in _subscriber(subscriber, live, queues, bindings)),
        *_unknown_queues({subscriber.grant.name for subscriber in subscribers}, queues),
        *_unlimited_logins(live),
    ]
    yield from faults
    if not faults:
        suspended = sum(subscriber.suspended is not None for subscriber in subscribers)
        yield ok(ABOUT, f"{len(subscribers)}, each with exactly its grant; {suspended} suspended")


def _subscriber(subscriber: Subscriber, live: Logins, queues: Rows, bindings: Rows) -> Iterator[Finding]:
    grant, name = subscriber.grant, subscriber.grant.name
    remedy = f"Run `concord subscriber add {name} --update …` with its grant: `concord subscriber show {name}`."
    if name not in {user["name"] for user in live.users}:
        yield problem(ABOUT, f"{name} has no login", f"Run `concord subscriber remove {name}`, then add it again.")
        return
    for what in _differences(subscriber, live):
        yield problem(ABOUT, f"{name} has other {what} than its grant", remedy)
    by_name = {queue["name"]: queue for queue in queues}
    streams = [grant.replay_stream] if grant.replay_days else []
    for queue in (*grant.queue_names, *streams):
        if queue in by_name:
            yield from _bindings(grant, queue, bindings, remedy)
            yield from _consumers(grant, by_name[queue])
        else:
            yield problem(ABOUT, f"the queue {queue} of {name} is missing", remedy)
    for queue in grant.queue_names:
        count, limit = int(by_name.get(queue, {}).get("messages") or 0), grant.limits.messages
        if count > FULL_SHARE * limit:
            what = f"{queue} is nearly full: {count:,} of {limit:,}"
            yield warning(ABOUT, what, f"Inform {name}: the broker drops the oldest messages at the limit.")


def _bindings(grant: Grant, queue: str, bindings: Rows, remedy: str) -> Iterator[Finding]:
    of_queue = [binding for binding in bindings if binding["destination"] == queue]
    own = [binding for binding in surplus(of_queue, grant) if binding["source"] != copies_exchange(grant.name)]
    for source in sorted({binding["source"] for binding in own} - {PUBLIC_EXCHANGE}):
        yield problem(ABOUT, f"{queue} is bound to the exchange {source}", remedy)
    keys = sorted({binding["routing_key"] for binding in own if binding["source"] == PUBLIC_EXCHANGE})
    if beyond := [key for key in keys if not grant.allows(key)]:
        yield problem(ABOUT, f"{queue} is bound beyond its grant: {', '.join(beyond)}", remedy)
    if len(own) > MAX_OWN_BINDINGS:
        what = f"{queue} has {len(own):,} bindings beside those of its grant, more than {MAX_OWN_BINDINGS}"
        yield problem(ABOUT, what, remedy)
    elif again := sum(bool(binding.get("arguments")) for binding in own):
        what = f"{queue} has {counted(again, 'binding')} with arguments, which repeat others"
        yield warning(ABOUT, what, remedy)
    if lacking := missing(of_queue, grant):
        yield warning(ABOUT, f"{queue} lacks {len(lacking)} of its bindings: it misses granted events", remedy)


def _consumers(grant: Grant, queue: Mapping[str, Any]) -> Iterator[Finding]:
    """Report more consumers than channels. RabbitMQ before 3.13 does not limit the consumers of a channel."""
    count, most = int(queue.get("consumers") or 0), grant.limits.channels
    if count > most:
        remedy = f"Tell {grant.name}; `concord subscriber suspend {grant.name}` ends them."
        yield problem(ABOUT, f"{queue['name']} has {count:,} consumers, more than {most}", remedy)


def _differences(subscriber: Subscriber, live: Logins) -> Iterator[str]:
    """Yield the names of the settings in which a login differs from its grant."""
    grant, name = subscriber.grant, subscriber.grant.name
    own = [row for row in live.permissions if row["user"] == name]
    if not own or any(own[0][part] != value for part, value in permission(grant).items()):
        yield "permissions"
    topics = {row["exchange"]: row for row in live.topic_permissions if row["user"] == name}
    for wanted in topic_permissions(grant):
        current = topics.get(wanted["exchange"])
        if current is None or current["read"] != wanted["read"] or current["write"] != wanted["write"]:
            yield f"topic permissions on {wanted['exchange']}"
    limits: Mapping[str, Any] = next((row["value"] for row in live.limits if row["user"] == name), {})
    if dict(limits) != dict(user_limits(grant, suspended=subscriber.suspended is not None)):
        yield "limits of connections and channels"
    policy = next((row for row in live.operator_policies if row["name"] == policy_name(name)), None)
    wanted_policy = operator_policy(grant)
    if policy is None or any(policy.get(part) != wanted_policy[part] for part in ("pattern", "definition")):
        yield "limits of its queues (operator policy)"


def _unknown_queues(names: Collection[str], queues: Rows) -> Iterator[Finding]:
    for queue in queues:
        owner = queue["name"].removeprefix(QUEUES).partition(".")[0]
        if queue["name"].startswith(QUEUES) and owner not in names:
            remedy = "Delete it, or add the subscriber: without one it has no limits."
            yield warning(ABOUT, f"the queue {queue['name']} belongs to no known subscriber", remedy)


def _unlimited_logins(live: Logins) -> Iterator[Finding]:
    """Report logins with read permission on an exchange and no topic permission: they can bind any routing key."""
    administrators = {user["name"] for user in live.users if "administrator" in user["tags"]}
    limited = {(row["user"], row["exchange"]) for row in live.topic_permissions}
    for row in live.permissions:
        user = row["user"]
        if user in administrators or user in SERVICES:
            continue
        for exchange in (PUBLIC_EXCHANGE, PRIVATE_EXCHANGE):
            if re.search(row["read"], exchange) and (user, exchange) not in limited:
                what = f"the login {user} can receive all messages of {exchange}"
                yield problem(ABOUT, what, "Remove it, and create one with `concord subscriber add`.")

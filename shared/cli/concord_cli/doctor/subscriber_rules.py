"""Subscribers' logins against what each was granted, and logins that could follow events without a grant. Pure."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from concord_bus.topology import SERVICES, Subscriber
from concord_bus.topology.subscriber_permissions import (
    copies_exchange,
    operator_policy,
    permission,
    policy_name,
    topic_permissions,
    user_limits,
)
from concord_cli.doctor.findings import Finding, ok, problem, warning
from concord_contracts.catalogue import PRIVATE_EXCHANGE, PUBLIC_EXCHANGE

ABOUT = "subscribers"
QUEUES = "sub."
FULL = 0.8
"""Of a queue's length: beyond it the oldest messages will soon be lost."""
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Logins:
    """What the management API lists: `users` and `limits` of the broker, the rest of the virtual host."""

    users: Rows
    permissions: Rows
    topic_permissions: Rows
    limits: Rows
    operator_policies: Rows


def judge_subscribers(subscribers: Sequence[Subscriber], live: Logins, queues: Rows, bound: Rows) -> Iterator[Finding]:
    """`queues` and `bound` (bindings) of the virtual host."""
    found = [
        *(finding for each in subscribers for finding in _subscriber(each, live, queues, bound)),
        *_unknown_queues({each.grant.name for each in subscribers}, queues),
        *_unbounded(live),
    ]
    yield from found
    if not found:
        suspended = sum(each.suspended is not None for each in subscribers)
        yield ok(ABOUT, f"{len(subscribers)}, each with just what it was granted; {suspended} suspended")


def _subscriber(subscriber: Subscriber, live: Logins, queues: Rows, bound: Rows) -> Iterator[Finding]:
    grant, name = subscriber.grant, subscriber.grant.name
    again = f"Run `concord subscriber add {name} --update …` with its grant: `concord subscriber show {name}`."
    if name not in {each["name"] for each in live.users}:
        yield problem(ABOUT, f"{name} has no login", f"`concord subscriber remove {name}`, then add it anew.")
        return
    for what in _differing(subscriber, live):
        yield problem(ABOUT, f"{name} has other {what} than its grant", again)
    there = {each["name"]: each for each in queues}
    streams = [grant.replay_stream] if grant.replay_days else []
    for queue in (*grant.queue_names, *streams):
        if queue not in there:
            yield problem(ABOUT, f"the queue {queue} of {name} is missing", again)
            continue
        own = [each for each in bound if each["destination"] == queue and each["source"]]
        keys = {each["routing_key"] for each in own if each["source"] == PUBLIC_EXCHANGE}
        for source in sorted({each["source"] for each in own} - {PUBLIC_EXCHANGE, copies_exchange(name)}):
            yield problem(ABOUT, f"{queue} is bound to the exchange {source}", again)
        if beyond := sorted(key for key in keys if not grant.allows(key)):
            yield problem(ABOUT, f"{queue} is bound beyond its grant: {', '.join(beyond)}", again)
        if missing := set(grant.keys) - keys:
            yield warning(ABOUT, f"{queue} lacks {len(missing)} of its bindings: not all it was granted comes", again)
    for queue in grant.queue_names:
        waiting = int(there.get(queue, {}).get("messages") or 0)
        if waiting > FULL * grant.limits.messages:
            yield warning(
                ABOUT,
                f"{queue} is nearly full: {waiting:,} of {grant.limits.messages:,}",
                f"Tell {name}: the oldest are lost at the limit.",
            )


def _differing(subscriber: Subscriber, live: Logins) -> Iterator[str]:
    """What a login has otherwise than its grant says, in words."""
    grant, name = subscriber.grant, subscriber.grant.name
    own = [each for each in live.permissions if each["user"] == name]
    if not own or any(own[0][part] != value for part, value in permission(grant).items()):
        yield "permissions"
    topics = {each["exchange"]: each for each in live.topic_permissions if each["user"] == name}
    for wanted in topic_permissions(grant):
        has = topics.get(wanted["exchange"])
        if has is None or has["read"] != wanted["read"] or has["write"] != wanted["write"]:
            yield f"topic permissions on {wanted['exchange']}"
    limits: Mapping[str, Any] = next((each["value"] for each in live.limits if each["user"] == name), {})
    if dict(limits) != dict(user_limits(grant, suspended=subscriber.suspended is not None)):
        yield "limits of connections and channels"
    policy = next((each for each in live.operator_policies if each["name"] == policy_name(name)), None)
    wanted_policy = operator_policy(grant)
    if policy is None or any(policy.get(part) != wanted_policy[part] for part in ("pattern", "definition")):
        yield "limits of its queues (operator policy)"


def _unknown_queues(names: Collection[str], queues: Rows) -> Iterator[Finding]:
    for each in queues:
        owner = each["name"].removeprefix(QUEUES).partition(".")[0]
        if each["name"].startswith(QUEUES) and owner not in names:
            remedy = "Delete it, or add the subscriber: without one it has no limits."
            yield warning(ABOUT, f"the queue {each['name']} is no known subscriber's", remedy)


def _unbounded(live: Logins) -> Iterator[Finding]:
    """Whoever may read an exchange and has no topic permission on it may bind everything."""
    administrators = {each["name"] for each in live.users if "administrator" in each["tags"]}
    bounded = {(each["user"], each["exchange"]) for each in live.topic_permissions}
    for each in live.permissions:
        user = each["user"]
        if user in administrators or user in SERVICES:
            continue
        for exchange in (PUBLIC_EXCHANGE, PRIVATE_EXCHANGE):
            if re.search(each["read"], exchange) and (user, exchange) not in bounded:
                yield problem(
                    ABOUT,
                    f"the login {user} may follow everything on {exchange}",
                    "Remove it, and make one with `concord subscriber add`.",
                )

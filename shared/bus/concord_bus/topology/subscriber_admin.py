"""Subscribers' logins on a broker, through its management API. What each was granted is kept on the broker too."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

from concord_bus.topology.definitions import login
from concord_bus.topology.grants import Grant, Limits
from concord_bus.topology.subscriber_permissions import (
    TAG,
    operator_policy,
    permission,
    policy_name,
    queues_document,
    replay_policy_name,
    stream_bindings,
    stream_document,
    topic_permissions,
    user_limits,
)
from concord_contracts.catalogue import PUBLIC_EXCHANGE
from concord_http.rabbitmq_management import ManagementError, RabbitManagement

NOT_FOUND = 404
REMEMBERED, SAMPLE = 8 * 3600, 60
"""Seconds: how far back the broker keeps its counts, and how coarsely."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A grant and what became of it: moments in ISO 8601, UTC; `suspended` is None while it may connect."""

    grant: Grant
    added: str
    secret_since: str
    suspended: str | None = None


class LoginTaken(ValueError):
    """Somebody else has a login of this name; the text says who."""


class Subscribers:
    """Of one virtual host. Every method raises ManagementError when the broker does not do it."""

    def __init__(self, url: str, vhost: str) -> None:
        self._management = RabbitManagement(url)
        self._vhost = vhost
        self._host = quote(vhost, safe="")

    def all(self) -> list[Subscriber]:
        """By name."""
        return recorded(self._ask("GET", "global-parameters"), self._vhost)

    def find(self, name: str) -> Subscriber | None:
        answer = self._look(f"global-parameters/{quote(self._parameter(name), safe='')}")
        return of_record(answer["value"]) if answer else None

    def add(self, subscriber: Subscriber, secret: str) -> None:
        """Make its queues and its login. The rights come last, so that a failure leaves a login that may do nothing.

        Raises LoginTaken when the login is not one of this virtual host's subscribers.
        """
        self._refuse_taken(subscriber.grant.name)
        self._make_queues(subscriber.grant)
        self.give_secret(subscriber, secret)
        self._give_rights(subscriber)
        self.keep(subscriber)

    def change(self, subscriber: Subscriber) -> None:
        """Bring everything in line with the subscriber's new grant; the secret stays, connections are ended."""
        self.keep(subscriber)
        self._make_queues(subscriber.grant)
        self._give_rights(subscriber)
        self._drop_what_is_not_granted(subscriber.grant)
        self.disconnect(subscriber.grant.name)

    def give_secret(self, subscriber: Subscriber, secret: str) -> None:
        """Any older one fails from now on; limits and rights stay as they are."""
        name = subscriber.grant.name
        made = login(name, secret)
        hashed = {part: made[part] for part in ("password_hash", "hashing_algorithm")}
        self._ask("PUT", f"users/{name}", {**hashed, "tags": TAG})

    def keep(self, subscriber: Subscriber) -> None:
        """Write the record anew."""
        name = self._parameter(subscriber.grant.name)
        self._ask("PUT", f"global-parameters/{quote(name, safe='')}", {"name": name, "value": as_record(subscriber)})

    def limit(self, subscriber: Subscriber) -> None:
        """Set how many connections and channels it may have: none while it is suspended."""
        suspended = subscriber.suspended is not None
        for what, value in user_limits(subscriber.grant, suspended=suspended).items():
            self._ask("PUT", f"user-limits/{subscriber.grant.name}/{what}", {"value": value})

    def disconnect(self, name: str) -> None:
        """End the connections that are open."""
        self._gone(f"connections/username/{name}")

    def remove(self, grant: Grant) -> None:
        """The login first, then its queues with what is in them, its policies, its record."""
        self._gone(f"users/{grant.name}")
        self.disconnect(grant.name)
        for queue in self.queues(grant):
            self._gone(f"queues/{self._host}/{quote(queue['name'], safe='')}")
        self._gone(f"operator-policies/{self._host}/{policy_name(grant.name)}")
        self._gone(f"policies/{self._host}/{replay_policy_name(grant.name)}")
        self._gone(f"global-parameters/{quote(self._parameter(grant.name), safe='')}")

    def queues(self, grant: Grant) -> list[dict[str, Any]]:
        """Its queues and its stream as the management API lists them."""
        return [queue for queue in self._ask("GET", f"queues/{self._host}") if queue["name"].startswith(grant.prefix)]

    def connections(self, name: str) -> list[dict[str, Any]]:
        """Those that are open, as the management API lists them some seconds after they were opened."""
        return [connection for connection in self._ask("GET", "connections") if connection.get("user") == name]

    def handed_out(self, queue: str) -> list[dict[str, Any]]:
        """Samples of how many messages the broker gave out of a queue, as far back as it remembers."""
        path = f"queues/{self._host}/{quote(queue, safe='')}?msg_rates_age={REMEMBERED}&msg_rates_incr={SAMPLE}"
        stats = self._ask("GET", path).get("message_stats") or {}
        return list((stats.get("deliver_get_details") or {}).get("samples") or [])

    def has_stream(self, grant: Grant) -> bool:
        """Whether its log of the past is there and bound to exactly what is granted."""
        return grant.replay_stream in {queue["name"] for queue in self.queues(grant)} and set(
            self._bound(grant.replay_stream)
        ) == {(PUBLIC_EXCHANGE, key) for key in grant.keys}

    def make_stream(self, grant: Grant) -> None:
        """Make its log of the past, empty and not bound yet; one that is there is deleted first."""
        self._gone(f"queues/{self._host}/{quote(grant.replay_stream, safe='')}")
        self._ask("POST", "definitions", stream_document(grant, self._vhost))

    def bind_stream(self, grant: Grant) -> None:
        """Let its log collect from now on."""
        self._ask("POST", "definitions", stream_bindings(grant, self._vhost))

    def listeners(self) -> list[dict[str, Any]]:
        """Where the broker listens, as it says."""
        return list(self._ask("GET", "overview")["listeners"])

    def _make_queues(self, grant: Grant) -> None:
        self._ask("PUT", f"operator-policies/{self._host}/{policy_name(grant.name)}", operator_policy(grant))
        self._ask("POST", "definitions", queues_document(grant, self._vhost))

    def _give_rights(self, subscriber: Subscriber) -> None:
        name = subscriber.grant.name
        self.limit(subscriber)
        for rule in topic_permissions(subscriber.grant):
            self._ask("PUT", f"topic-permissions/{self._host}/{name}", rule)
        self._ask("PUT", f"permissions/{self._host}/{name}", permission(subscriber.grant))

    def _drop_what_is_not_granted(self, grant: Grant) -> None:
        wanted = {*grant.queue_names, *([grant.replay_stream] if grant.replay_days else [])}
        for queue in (queue["name"] for queue in self.queues(grant)):
            if queue not in wanted:
                self._gone(f"queues/{self._host}/{quote(queue, safe='')}")
            elif queue != grant.replay_stream:
                self._unbind(queue, grant)
        if not grant.replay_days:
            self._gone(f"policies/{self._host}/{replay_policy_name(grant.name)}")

    def _unbind(self, queue: str, grant: Grant) -> None:
        for (source, key), properties in self._bound(queue).items():
            if source != PUBLIC_EXCHANGE or not grant.allows(key):
                path = "/".join(("e", quote(source, safe=""), "q", quote(queue, safe=""), quote(properties, safe="")))
                self._gone(f"bindings/{self._host}/{path}")

    def _bound(self, queue: str) -> dict[tuple[str, str], str]:
        """Source and routing key of each binding, with the name the management API gives it."""
        rows = self._ask("GET", f"queues/{self._host}/{quote(queue, safe='')}/bindings")
        return {(row["source"], row["routing_key"]): row["properties_key"] for row in rows if row["source"]}

    def _refuse_taken(self, name: str) -> None:
        user = self._look(f"users/{name}")
        if user is None:
            return
        if TAG not in user["tags"]:
            raise LoginTaken(f"the broker has a login '{name}' already, which is no subscriber's: choose another name")
        for record in self._ask("GET", "global-parameters"):
            if record["name"].startswith("concord-subscriber:") and record["name"].endswith(f":{name}"):
                raise LoginTaken(f"'{name}' is a subscriber already: {record['name']}; choose another name")

    def _parameter(self, name: str) -> str:
        return parameter(self._vhost, name)

    def _look(self, path: str) -> Any:
        try:
            return self._ask("GET", path)
        except ManagementError as error:
            if error.status == NOT_FOUND:
                return None
            raise

    def _gone(self, path: str) -> None:
        """Delete what may not be there."""
        try:
            self._ask("DELETE", path)
        except ManagementError as error:
            if error.status != NOT_FOUND:
                raise

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return self._management.call(method, f"/api/{path}", body)


def parameter(vhost: str, name: str) -> str:
    """What the record of a subscriber is called among the broker's global parameters."""
    return f"concord-subscriber:{vhost}:{name}"


def recorded(parameters: Sequence[Mapping[str, Any]], vhost: str) -> list[Subscriber]:
    """The subscribers of a virtual host, by name, from the broker's global parameters."""
    mine = [record["value"] for record in parameters if record["name"].startswith(parameter(vhost, ""))]
    return sorted(map(of_record, mine), key=lambda subscriber: subscriber.grant.name)


def as_record(subscriber: Subscriber) -> dict[str, Any]:
    """JSON to keep on the broker."""
    return asdict(subscriber)


def of_record(record: Mapping[str, Any]) -> Subscriber:
    grant: Mapping[str, Any] = record["grant"]
    lists = {name: tuple(grant[name]) for name in ("types", "areas", "categories", "queues")}
    limits = Limits(**grant["limits"])
    return Subscriber(
        Grant(grant["name"], replay_days=grant["replay_days"], limits=limits, **lists),
        record["added"],
        record["secret_since"],
        record["suspended"],
    )

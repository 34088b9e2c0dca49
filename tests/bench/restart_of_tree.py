"""Rates of routing before and after a restart under backlog, with one checkout's own packages.

Arguments: the checkout's folder, the number of messages, and `postgres` or `sqlite`. Prints JSON: the way to end → the
rate in messages a second before it, and after it. `restart.py` runs this with the Python of each checkout.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(sys.argv[1]).resolve() / "tests" / "bench"))

from concerns import sealed
from sqlalchemy import Connection, create_engine, text
from stage import Service, Stage, stage

WARM_UP = 3_000
WINDOW_SECONDS = 2.0
SETTLE_SECONDS = {"SIGTERM": 2.0, "kill -9": 5.0}
"""Seconds from the first ready answer of the new process until the measurement."""
SIGNALS = {"SIGTERM": signal.SIGTERM, "kill -9": signal.SIGKILL}
QUEUE = "routing.submitted"


def measure(messages: int, *, postgres: bool) -> dict[str, tuple[float, float]]:
    """Restart in both ways, each under a backlog of its own. PostgreSQL also allows a second process."""
    with stage(postgres=postgres) as on:
        rates = {way: restarted(on, messages, way) for way in SIGNALS}
        if postgres:
            rates |= {f"{way} beside another process": one_of_two_ends(on, messages, way) for way in SIGNALS}
        return rates


@contextmanager
def backlog(on: Stage, messages: int, database: str) -> Iterator[Callable[[], Service]]:
    """A broker with messages for routing, and what starts a process on `database`. Afterwards messages must be left."""
    with on.broker() as broker:
        broker.fill(QUEUE, sealed(messages, on.keys), "application/cloudevents+json")
        yield lambda: on.service("routing", broker, CONCORD_DATABASE_URL=database)
        assert broker.ready(QUEUE), "the backlog was too small"


def restarted(on: Stage, messages: int, way: str) -> tuple[float, float]:
    """A new process follows one that ends."""
    with backlog(on, messages, on.database("routing")) as start:
        with start() as old:
            old.await_(lambda: consumed(old) >= WARM_UP)
            before = rate(lambda: consumed(old))
            if way == "kill -9":
                os.kill(old.pid, signal.SIGKILL)
        with start() as new:
            new.await_ready()
            time.sleep(SETTLE_SECONDS[way])
            return before, rate(lambda: consumed(new))


def one_of_two_ends(on: Stage, messages: int, way: str) -> tuple[float, float]:
    """One of two processes ends; the service's rate counts from the signal on."""
    database = on.database("routing")
    with backlog(on, messages, database) as start, start() as other:
        other.await_ready()
        engine = create_engine(database, isolation_level="AUTOCOMMIT")
        with start() as ending, engine.connect() as connection:
            for each in (other, ending):
                each.await_(lambda each=each: consumed(each) >= WARM_UP)  # type: ignore[misc]
            before = rate(lambda: handled(connection))
            os.kill(ending.pid, SIGNALS[way])
            return before, rate(lambda: handled(connection))


def consumed(service: Service) -> float:
    return service.metric("concord_bus_consumed_total")


def handled(connection: Connection) -> float:
    """Messages that took effect, by whichever process: also the last ones of a process that ends in order."""
    return float(connection.execute(text("SELECT count(*) FROM inbox")).scalar_one())


def rate(count: Callable[[], float]) -> float:
    """Messages a second over WINDOW_SECONDS."""
    first, began = count(), time.monotonic()
    time.sleep(WINDOW_SECONDS)
    return (count() - first) / (time.monotonic() - began)


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[2]), postgres=sys.argv[3] == "postgres")))

"""A half year of Boston in a database of metrics: the sample's records with their own times, worked by invented teams.

python tests/browser/half_year.py sqlite:///metrics.db 23000
"""

import csv
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import reduce
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_contracts import Event, new_event
from concord_contracts.messages import (
    ConcernAcknowledged,
    ConcernReceived,
    ConcernResolved,
    ConcernRouted,
    ConcernUnroutable,
    NotificationDelivered,
    NotificationFailed,
    PromiseAtRisk,
    Promised,
    PromiseKept,
    PromiseMade,
    PromiseMissed,
)
from concord_metrics.adapters.repository import SqlStore
from concord_metrics.domain.aggregates import aggregate_facts
from concord_metrics.domain.concern_facts import Fact, merge_event

BOSTON = Path(__file__).parents[2] / "deploy/sample/boston"
ZONE = ZoneInfo("America/New_York")
DAY = timedelta(days=1)
END = datetime(2015, 7, 1, tzinfo=ZONE)
"""What happens later is not told."""


def fill(url: str, concerns: int = 2000) -> None:
    """Migrate the database at `url` and put the facts of so many concerns into it."""
    upgrade(url, "concord_metrics")
    database = Database(url, SqlStore)
    stories = [story(f"concern-{number:05}", each, Random(number)) for number, each in enumerate(repeated(concerns))]
    told = [[each for each in events if each.time < END] for events in stories]
    facts = [reduce(merge_event, events, Fact(events[0].partitionkey)) for events in told]
    with database.begin() as (_, store):
        store.save(facts)
        store.add(aggregate_facts(facts, ZONE))
        store.save_recent(sorted((each for events in told for each in events), key=lambda each: each.time)[-20:])
    database.dispose()


def repeated(concerns: int) -> Iterator[dict[str, str]]:
    with (BOSTON / "records.csv").open(encoding="utf-8") as opened:
        records = list(csv.DictReader(opened))
    for number in range(concerns):
        yield records[number * len(records) // concerns]


def story(concern_id: str, record: dict[str, str], chance: Random) -> Iterator[Event[Any]]:
    at = datetime.fromisoformat(record["n_time"]) + timedelta(seconds=chance.random() * 600)
    about = {"concern_id": concern_id, "category": record["n_category"], "channel": record["n_channel"]}
    case = {**about, "case_id": f"case-{concern_id}", "received_at": at}

    def event(data: Any, sequence: int, time: datetime = at) -> Event[Any]:
        return new_event(data, sequence=sequence, time=time)

    yield event(ConcernReceived(**about, received_at=at, occurred_at=None, point=None, place="address"), 1)
    if chance.random() < 0.2:
        yield event(notice(concern_id, at, chance), 1)
    area = record["n_area"]
    if not area:
        yield event(ConcernUnroutable(**case, reason="placeholder", decided_at=at + timedelta(seconds=2)), 1)
        return
    team = {"area": area, "team": f"district-{area}"}
    promised = {"acknowledge_by": at + DAY, "respond_by": at + 5 * DAY}
    routed_at = at + timedelta(seconds=1 + chance.random())
    yield event(ConcernRouted(**case, **team, team_name=area, border=False, routed_at=routed_at, **promised), 1)
    seen = at + timedelta(hours=chance.lognormvariate(2 + len(area) / 4, 1))
    done = seen + timedelta(hours=chance.lognormvariate(4, 1)) if chance.random() < 0.85 else END
    if chance.random() < 0.9:
        yield event(ConcernAcknowledged(**case, **team, acknowledged_at=seen), 2, seen)
        yield event(ConcernResolved(**case, **team, resolved_at=done), 3, max(seen, done))
    yield from promises({**about, **team, "case_id": case["case_id"]}, at, done, event)


def promises(about: dict[str, Any], at: datetime, done: datetime, event: Any) -> Iterator[Event[Any]]:
    due = at + 5 * DAY
    one: dict[str, Any] = {"promise_id": f"promise-{about['concern_id']}", "promise": "response", "due_at": due}
    yield event(PromiseMade(**about, origin="rules", made_at=at, promises=(Promised(**one),)), 4)
    if done <= due:
        yield event(PromiseKept(**about, **one, kept_at=done), 6, done)
        return
    yield event(PromiseAtRisk(**about, **one, at_risk_at=due - DAY), 5, due - DAY)
    yield event(PromiseMissed(**about, **one, missed_at=due), 6, due)


def notice(concern_id: str, at: datetime, chance: Random) -> NotificationDelivered | NotificationFailed:
    about = {"concern_id": concern_id, "notice": "acknowledgement", "medium": "email", "language": "en"}
    about |= {"cause_id": "event", "due_at": at, "attempts": 1}
    if chance.random() < 0.02:
        return NotificationFailed(**about, failed_at=at + timedelta(hours=3), reason="refused")  # type: ignore[arg-type]
    return NotificationDelivered(**about, delivered_at=at + timedelta(seconds=3), uncertain=False)  # type: ignore[arg-type]


if __name__ == "__main__":
    fill(sys.argv[1], int(sys.argv[2]))

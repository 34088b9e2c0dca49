"""The list of cases at 100,000 cases, asked of a real routing service over HTTP, as officers and supervisors ask.

Each question is asked many times, from the first page and from far inside; the slowest answer of nineteen in twenty is
shown. The database (SQLite, or PostgreSQL) is filled before the service starts.
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

from figures import Figure, percentile, run, say
from programs import get
from promises import RECEIVED, SAID, SEALED
from stage import CITY, Service, stage

from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_city import City, Located, load
from concord_routing.adapters.repository import SqlStore
from concord_routing.domain.case import WITH_TEAM
from concord_routing.domain.case_opening import open_case

CASES = 100_000
GOAL_MS = 100.0
TIMES = 40
PAGES = 20
"""How far inside the later questions begin."""

QUESTIONS: dict[str, dict[str, str]] = {
    "all, as they were opened": {},
    "all, first promised first": {"sort": "due"},
    "one team, first promised first": {"team": "graffiti-crew", "sort": "due"},
    "one area and state": {"area": "B2", "state": "routed"},
    "one category": {"category": "needles"},
}


def measure(options: argparse.Namespace) -> Sequence[Figure]:
    cases = CASES // 20 if options.quick else options.cases
    with stage(postgres=options.postgres) as on:
        broker = on.broker()
        url = on.database("routing")
        upgrade(url, "concord_routing")
        say(f"  opening {cases:,} cases")
        fill(url, load(CITY), cases)
        with on.service("routing", broker, CONCORD_DATABASE_URL=url) as routing:
            routing.await_ready()
            return [asked(routing, on.ops_token, name, question) for name, question in QUESTIONS.items()]


def fill(url: str, city: City, cases: int) -> None:
    """Cases of every area, category, team and state, with promised times all over a year."""
    database = Database(url, SqlStore)
    areas, categories, teams = tuple(city.areas), tuple(city.categories), tuple(city.teams)
    case = open_case(city, SAID, Located(areas[0]), SEALED, "CASE", RECEIVED)
    for start in range(0, cases, 5000):
        with database.begin() as (_, store):
            store.add_cases(
                [
                    replace(
                        case,
                        case_id=f"{n:010}",
                        concern_id=f"concern-{n}",
                        area=areas[n % len(areas)],
                        category=categories[n * 7 % len(categories)],
                        team=teams[n * 11 % len(teams)],
                        state=WITH_TEAM[n * 13 % len(WITH_TEAM)],
                        respond_by=RECEIVED + timedelta(minutes=n * 7919 % 525_600),
                    )
                    for n in range(start, min(start + 5000, cases))
                ]
            )
    if database.dialect == "postgresql":
        with database.engine.begin() as connection:  # as autovacuum does within a minute of so many rows
            connection.exec_driver_sql("ANALYZE")
    database.dispose()


def asked(routing: Service, token: str, name: str, question: dict[str, str]) -> Figure:
    """The first page and one far inside, by turns."""
    headers = {"Authorization": f"Bearer {token}"}

    def ask(after: str | None) -> tuple[float, str | None]:
        query = urlencode(question | ({"after": after} if after else {}))
        begun = time.monotonic()
        status, body = get(routing.port, f"/v1/cases?{query}", headers)
        took = (time.monotonic() - begun) * 1000
        if status != 200:
            raise RuntimeError(f"{query}: {status}")
        return took, json.loads(body)["next"]

    inside: str | None = None
    for _ in range(PAGES):
        following = ask(inside)[1]
        inside = following or inside
    taken = [ask(after)[0] for _ in range(TIMES // 2) for after in (None, inside)]
    note = f"median {percentile(taken, 0.5):.1f} ms, pages of 100"
    return Figure(f"case list, {name}: p95", percentile(taken, 0.95), "ms", GOAL_MS, at_most=True, note=note)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cases", type=int, default=CASES, help=f"how many there are (default: {CASES})")


if __name__ == "__main__":
    run("The case list", measure, __doc__, _options)

"""Routing as a stock nameko service: one event in, its fate and its promises out; no database, at least once."""

import os
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nameko.events import EventDispatcher, event_handler

from concord_city import Assignment, Locator, decide, load, promise
from stock.runner import serve

CITY = load(Path(os.environ["CONCORD_CITY"]))
LOCATOR = Locator(CITY)


class StockRouting:
    """Locates and decides with the very same rules."""

    name = "routing"
    dispatch = EventDispatcher()

    @event_handler("intake", "concern_submitted")  # type: ignore[untyped-decorator]
    def take(self, told: dict[str, Any]) -> None:
        located = LOCATOR.locate_all([told["point"]])[0]
        received_at = datetime.fromisoformat(told["received_at"])
        at = datetime.fromisoformat(told["occurred_at"]) if told["occurred_at"] else received_at
        verdict = decide(CITY, located, told["category"], told["channel"], at)
        fate: dict[str, Any] = {"reason": getattr(verdict, "reason", None)}
        if isinstance(verdict, Assignment):
            due = promise(CITY, CITY.rules[verdict.rule_index], received_at)
            fate = {
                "area": located.area,
                "team": verdict.team,
                "team_name": CITY.teams[verdict.team].name(CITY.languages[0]),
                "border": located.border,
                "acknowledge_by": due.acknowledge_by.isoformat(),
                "respond_by": due.respond_by.isoformat(),
            }
        event = {
            "concern_id": told["concern_id"],
            "case_id": uuid.uuid4().hex[:10],
            "category": told["category"],
            "channel": told["channel"],
            "received_at": told["received_at"],
            "routed_at": datetime.now(UTC).isoformat(),
            **fate,
        }
        self.dispatch("concern_routed", event)
        if isinstance(verdict, Assignment):
            self.dispatch("promise_made", promises_of(event))


def promises_of(event: dict[str, Any]) -> dict[str, Any]:
    """As much as our own event says."""
    about = {name: event[name] for name in ("concern_id", "case_id", "category", "channel", "area", "team")}
    promises = [
        {"promise_id": uuid.uuid4().hex, "promise": kind, "due_at": event[by]}
        for kind, by in (("acknowledgement", "acknowledge_by"), ("response", "respond_by"))
    ]
    return {**about, "origin": "rules", "made_at": event["routed_at"], "promises": promises}


def main() -> None:
    serve(StockRouting)

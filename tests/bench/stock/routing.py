"""Routing as a stock nameko service: one event in, one event out, at least once, JSON in the clear, no database."""

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


def main() -> None:
    serve(StockRouting)

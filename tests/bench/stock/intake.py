"""Intake as a stock nameko service: validate, commit once, dispatch an event, answer; a request at a time.

The same marshmallow schema judges. The row goes straight to SQLite (WAL, synchronous=FULL). Commit, then dispatch: a
crash between the two loses the event.
"""

import json
import os
import sqlite3
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nameko.events import EventDispatcher
from nameko.web.handlers import http
from werkzeug.wrappers import Request

from concord_city import load
from concord_intake.entrypoints.request_schemas import ConcernSchema
from stock.runner import serve

SCHEMA = ConcernSchema(load(Path(os.environ["CONCORD_CITY"])).categories)
DATABASE = sqlite3.connect(os.environ["BENCH_DATABASE"], isolation_level=None, check_same_thread=False)
for each in ("journal_mode=WAL", "synchronous=FULL"):
    DATABASE.execute(f"PRAGMA {each}")
DATABASE.execute("CREATE TABLE concerns (id TEXT PRIMARY KEY, received_at TEXT, told TEXT)")


class StockIntake:
    """Takes single concerns in."""

    name = "intake"
    dispatch = EventDispatcher()

    @http("POST", "/v1/concerns")  # type: ignore[untyped-decorator]
    def post(self, request: Request) -> tuple[int, dict[str, str], str]:
        raw = json.loads(request.get_data(as_text=True))
        SCHEMA.load(raw)
        told: dict[str, Any] = {"concern_id": uuid.uuid4().hex, "received_at": datetime.now(UTC).isoformat(), **raw}
        row = (told["concern_id"], told["received_at"], json.dumps(raw))
        DATABASE.execute("INSERT INTO concerns VALUES (?, ?, ?)", row)
        self.dispatch("concern_submitted", told)
        answer = {"id": told["concern_id"], "received_at": told["received_at"]}
        return 201, {"Content-Type": "application/json"}, json.dumps(answer)


def main() -> None:
    serve(StockIntake, WEB_SERVER_ADDRESS=f"127.0.0.1:{os.environ['BENCH_PORT']}")

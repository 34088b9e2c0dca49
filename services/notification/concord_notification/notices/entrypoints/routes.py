"""The HTTP API of notices, for operators."""

from datetime import datetime
from typing import Any

from concord_access.nameko_mixin import AccessRoutes
from concord_notification.notices.domain.delivery import State
from concord_notification.notices.entrypoints.responses import DeliveriesAnswer, delivery_json
from concord_web import Request, Response, http, json_response, params
from concord_web.pagination import Cursor, Paging, page_of

STATE = params.one_of("state", [state.value for state in State], "state of the notices").with_default("failed")
PAGING = Paging(default=50, largest=200)
QUERY = params.Parameters(STATE, *PAGING.parameters)
POSITION = Cursor("due_at", datetime, str)


class NoticeRoutes(AccessRoutes):
    """A mixin of the service class, which must have the attribute `bus`."""

    bus: Any

    @http(
        "GET",
        "/v1/deliveries",
        summary="Notices by state, the latest due first",
        tags=["operations"],
        responses={200: DeliveriesAnswer},
        secured=True,
        parameters=QUERY.openapi(),
    )
    def get_deliveries(self, request: Request) -> Response:
        self.guard(request)
        values = QUERY.read(request)
        limit, position = values[PAGING.limit], PAGING.position(values, POSITION)
        with self.bus.read() as store:
            rows = store.deliveries(State(values[STATE]), limit + 1, position)
        page, following = page_of(rows, limit, lambda row: POSITION.encode(row.due_at, row.id))
        return json_response({"deliveries": [delivery_json(row) for row in page], "next": following})

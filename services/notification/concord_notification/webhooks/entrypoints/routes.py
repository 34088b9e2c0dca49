"""The HTTP API of webhooks, for operators: mixed into the service class."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from concord_access import Action, require
from concord_access.nameko_mixin import AccessRoutes
from concord_notification.notices.entrypoints.responses import read_cursor, write_place
from concord_notification.notices.ports import Unreadable
from concord_notification.webhooks.application.manage_endpoints import (
    MOST_ENDPOINTS,
    NameTaken,
    NoSuchDelivery,
    NoSuchEndpoint,
    NotActive,
    TooMany,
)
from concord_notification.webhooks.domain.delivery import DeliveryState
from concord_notification.webhooks.domain.url_policy import Refused
from concord_notification.webhooks.entrypoints import asking, schemas
from concord_notification.webhooks.entrypoints.worker import WebhookPart
from concord_web import Problem, Request, Response, field_problem, http, json_response, problem_from_marshmallow

PAGE, LARGEST_PAGE = 50, 200
WHICH = re.compile(r"[a-z0-9_-]{1,64}")
STATES = tuple(each.value for each in DeliveryState)
ENDPOINT = {
    "in": "path",
    "name": "endpoint",
    "required": True,
    "description": "id or name",
    "schema": {"type": "string", "minLength": 1},
}
TAGS = ["webhooks"]


def _query(name: str, meaning: str, **schema: Any) -> Mapping[str, Any]:
    return {"in": "query", "name": name, "description": meaning, "schema": schema}


def _which(request: Request) -> str:
    """The id or name in the path. Raises NoSuchEndpoint for what can be neither."""
    which = request.params["endpoint"]
    if not WHICH.fullmatch(which):
        raise NoSuchEndpoint
    return which


def _refused(error: Refused) -> Problem:
    return problem_from_marshmallow({"url": [f"The URL {error}."]})


REFUSALS: Mapping[type[Exception], Callable[[Any], Problem]] = {
    Refused: _refused,
    NoSuchEndpoint: lambda _: Problem(404, detail="There is no such endpoint; see GET /v1/webhooks."),
    NoSuchDelivery: lambda _: Problem(404, detail="This event was never queued for this endpoint, or is forgotten."),
    NameTaken: lambda _: Problem(409, detail="There is an endpoint of this name: choose another, or remove that one."),
    NotActive: lambda _: Problem(409, detail="The endpoint is disabled: enable it first."),
    TooMany: lambda _: Problem(409, detail=f"There are {MOST_ENDPOINTS} endpoints already: remove one."),
    Unreadable: lambda _: Problem(
        500, detail="No key of the vault opens this endpoint's secrets: give back the key that sealed them."
    ),
}


class WebhookRoutes(AccessRoutes):
    """Needs `webhooks`, the service's WebhookPart. Each call takes the action `webhook:manage`, city-wide."""

    webhooks: WebhookPart

    def _allow(self, request: Request) -> str:
        """The sender as the audit names them. Raises NotAuthenticated, NotAllowed."""
        who = self.authenticate(request)
        require(who, Action.WEBHOOK_MANAGE)
        return who.subject

    @http(
        "POST",
        "/v1/webhooks",
        summary="Add an endpoint; its secret is in the answer, once",
        tags=TAGS,
        request=asking.NewEndpoint,
        responses={201: schemas.NewEndpointAnswer},
        problems=[409],
        secured=True,
    )
    def add_webhook(self, request: Request) -> Response:
        actor = self._allow(request)
        endpoint, secret = self.webhooks.desk.add(asking.wish_of(request.json()), actor)
        location = {"Location": f"/v1/webhooks/{endpoint.id}"}
        return json_response(schemas.endpoint_answer(endpoint) | {"secret": secret}, 201, location)

    @http(
        "GET",
        "/v1/webhooks",
        summary="All endpoints",
        tags=TAGS,
        responses={200: schemas.EndpointsAnswer},
        secured=True,
    )
    def get_webhooks(self, request: Request) -> Response:
        self._allow(request)
        return json_response({"endpoints": [schemas.endpoint_answer(each) for each in self.webhooks.desk.list()]})

    @http(
        "GET",
        "/v1/webhooks/{endpoint}",
        summary="One endpoint",
        tags=TAGS,
        responses={200: schemas.EndpointWholeAnswer},
        parameters=[ENDPOINT],
        secured=True,
    )
    def get_webhook(self, request: Request) -> Response:
        self._allow(request)
        found = self.webhooks.desk.show(_which(request))
        return json_response(schemas.whole_answer(*found, datetime.now(UTC)))

    @http(
        "DELETE",
        "/v1/webhooks/{endpoint}",
        summary="Remove an endpoint with all its deliveries",
        tags=TAGS,
        responses={204: None},
        parameters=[ENDPOINT],
        secured=True,
    )
    def remove_webhook(self, request: Request) -> Response:
        actor = self._allow(request)
        self.webhooks.desk.remove(_which(request), actor)
        return Response(status=204)

    @http(
        "POST",
        "/v1/webhooks/{endpoint}/rotate",
        summary="A new secret; the former signs along for a while",
        tags=TAGS,
        request=asking.Rotation,
        responses={200: schemas.RotationAnswer},
        parameters=[ENDPOINT],
        secured=True,
    )
    def rotate_webhook(self, request: Request) -> Response:
        actor = self._allow(request)
        overlap = asking.overlap_of(request.json())
        endpoint, secret, until = self.webhooks.desk.rotate(_which(request), actor, overlap)
        return json_response(schemas.endpoint_answer(endpoint) | {"secret": secret, "former_until": until})

    @http(
        "POST",
        "/v1/webhooks/{endpoint}/disable",
        summary="Send nothing any more; what is due and what comes counts as failed",
        tags=TAGS,
        responses={200: schemas.EndpointAnswer},
        parameters=[ENDPOINT],
        secured=True,
    )
    def disable_webhook(self, request: Request) -> Response:
        actor = self._allow(request)
        return json_response(schemas.endpoint_answer(self.webhooks.desk.disable(_which(request), actor)))

    @http(
        "POST",
        "/v1/webhooks/{endpoint}/enable",
        summary="Send again what comes from now on; what failed waits to be replayed",
        tags=TAGS,
        responses={200: schemas.EndpointAnswer},
        parameters=[ENDPOINT],
        secured=True,
    )
    def enable_webhook(self, request: Request) -> Response:
        actor = self._allow(request)
        return json_response(schemas.endpoint_answer(self.webhooks.desk.enable(_which(request), actor)))

    @http(
        "GET",
        "/v1/webhooks/{endpoint}/deliveries",
        summary="What became of events for an endpoint, the latest first",
        tags=TAGS,
        responses={200: schemas.WebhookDeliveriesAnswer},
        parameters=[
            ENDPOINT,
            _query("state", "which; failed by default", type="string", enum=STATES),
            _query("limit", "deliveries on a page", type="integer", minimum=1, maximum=LARGEST_PAGE, default=PAGE),
            _query("cursor", "the `next` of an earlier page", type="string"),
        ],
        secured=True,
    )
    def get_webhook_deliveries(self, request: Request) -> Response:
        self._allow(request)
        state = request.query.arg("state", DeliveryState.FAILED.value)
        if state not in STATES:
            raise field_problem("state", f"Must be one of {', '.join(STATES)}.")
        limit = request.query.integer("limit", PAGE, least=1, most=LARGEST_PAGE)
        cursor = request.query.arg("cursor")
        before = read_cursor(cursor) if cursor else None
        desk = self.webhooks.desk
        found = desk.deliveries(_which(request), DeliveryState(state), limit + 1, before)
        last = found[limit - 1] if len(found) > limit else None
        following = write_place(last.queued_at, last.event_id) if last else None
        shown = [schemas.delivery_answer(each) for each in found[:limit]]
        return json_response({"deliveries": shown, "next": following})

    @http(
        "POST",
        "/v1/webhooks/{endpoint}/replay",
        summary="Send one event again, or all that failed since a moment, under the same webhook-id",
        tags=TAGS,
        request=asking.Replay,
        responses={200: schemas.ReplayAnswer},
        problems=[409],
        parameters=[ENDPOINT],
        secured=True,
    )
    def replay_webhook(self, request: Request) -> Response:
        actor = self._allow(request)
        event_id, since, delivered_too = asking.replay_of(request.json())
        desk, endpoint = self.webhooks.desk, _which(request)
        if event_id is not None:
            count = desk.replay_one(endpoint, event_id, actor)
        else:
            assert since is not None
            count = desk.replay_since(endpoint, since, actor, delivered_too=delivered_too)
        return json_response({"replayed": count})

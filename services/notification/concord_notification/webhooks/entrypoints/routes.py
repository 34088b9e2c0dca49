"""The HTTP API of webhooks, for operators."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from concord_access import Action, require
from concord_access.nameko_mixin import AccessRoutes
from concord_notification.mail.ports import VaultUnreadable
from concord_notification.webhooks.application.manage_endpoints import (
    MAX_ENDPOINTS,
    DeliveryNotFound,
    EndpointDisabled,
    EndpointNameTaken,
    EndpointNotFound,
    EndpointService,
    TooManyEndpoints,
)
from concord_notification.webhooks.domain.delivery import DeliveryState
from concord_notification.webhooks.domain.url_policy import UrlRefused
from concord_notification.webhooks.entrypoints import schemas
from concord_notification.webhooks.entrypoints.worker import Webhooks
from concord_web import (
    Problem,
    Request,
    Response,
    http,
    json_response,
    params,
    problem_from_marshmallow,
    problem_row,
)
from concord_web.pagination import Cursor, Paging, page_of

ID_OR_NAME = re.compile(r"[a-z0-9_-]{1,64}")
ENDPOINT = params.path("endpoint", "id or name")
NO_QUERY = params.Parameters()
STATE = params.one_of("state", [state.value for state in DeliveryState], "state of the deliveries").with_default(
    DeliveryState.FAILED.value
)
PAGING = Paging(default=50, largest=200)
DELIVERIES_QUERY = params.Parameters(STATE, *PAGING.parameters)
POSITION = Cursor("queued_at", datetime, str)
operator_route = partial(http, tags=["webhooks"], secured=True)


def _url_refused(error: UrlRefused) -> Problem:
    return problem_from_marshmallow({"url": [f"The URL {error}."]})


PROBLEMS: Mapping[type[Exception], Callable[[Any], Problem]] = {
    UrlRefused: _url_refused,
    EndpointNotFound: problem_row(404, "There is no endpoint with this id or name; see GET /v1/webhooks."),
    DeliveryNotFound: problem_row(404, "The endpoint has no delivery of this event; see its deliveries."),
    EndpointNameTaken: problem_row(409, "Another endpoint has this name. Choose another name, or remove that one."),
    EndpointDisabled: problem_row(409, "The endpoint is disabled. Enable it first."),
    TooManyEndpoints: problem_row(409, f"There are {MAX_ENDPOINTS} endpoints already. Remove one first."),
    VaultUnreadable: problem_row(
        500, "No key of the vault decrypts this endpoint's secrets. Restore the key in CONCORD_VAULT_KEYS."
    ),
}


def _id_or_name(request: Request) -> str:
    """Return the id or name in the path. Raises EndpointNotFound for an invalid one."""
    id_or_name = request.params["endpoint"]
    if not ID_OR_NAME.fullmatch(id_or_name):
        raise EndpointNotFound
    return id_or_name


class WebhookRoutes(AccessRoutes):
    """A mixin of the service class, which must have the attribute `webhooks`.

    Each call needs the permission `webhook:manage` for the whole city.
    """

    webhooks: Webhooks

    def _authorize(self, request: Request) -> tuple[EndpointService, str]:
        """Return the service and the subject of the caller. Raises NotAuthenticated, NotAllowed."""
        principal = self.authenticate(request)
        require(principal, Action.WEBHOOK_MANAGE)
        return self.webhooks.endpoints, principal.subject

    def _command(self, request: Request) -> tuple[EndpointService, str]:
        """Authorize a request without query parameters."""
        authorized = self._authorize(request)
        NO_QUERY.read(request)
        return authorized

    @operator_route(
        "POST",
        "/v1/webhooks",
        summary="Add an endpoint; its secret is in the answer, once",
        request=schemas.NewEndpointSchema,
        responses={201: schemas.NewEndpointAnswer},
        problems=[409],
    )
    def add_webhook(self, request: Request) -> Response:
        service, actor = self._command(request)
        endpoint, secret = service.add(schemas.parse_endpoint(request.json()), actor)
        location = {"Location": f"/v1/webhooks/{endpoint.id}"}
        return json_response(schemas.endpoint_json(endpoint) | {"secret": secret}, 201, location)

    @operator_route("GET", "/v1/webhooks", summary="All endpoints", responses={200: schemas.EndpointsAnswer})
    def get_webhooks(self, request: Request) -> Response:
        service, _ = self._command(request)
        return json_response({"endpoints": [schemas.endpoint_json(endpoint) for endpoint in service.list()]})

    @operator_route(
        "GET",
        "/v1/webhooks/{endpoint}",
        summary="One endpoint",
        responses={200: schemas.EndpointDetailsAnswer},
        parameters=[ENDPOINT],
    )
    def get_webhook(self, request: Request) -> Response:
        service, _ = self._command(request)
        endpoint, secrets = service.show(_id_or_name(request))
        return json_response(schemas.endpoint_details_json(endpoint, secrets, datetime.now(UTC)))

    @operator_route(
        "DELETE",
        "/v1/webhooks/{endpoint}",
        summary="Remove an endpoint with all its deliveries",
        responses={204: None},
        parameters=[ENDPOINT],
    )
    def remove_webhook(self, request: Request) -> Response:
        service, actor = self._command(request)
        service.remove(_id_or_name(request), actor)
        return Response(status=204)

    @operator_route(
        "POST",
        "/v1/webhooks/{endpoint}/rotate",
        summary="A new secret; the old one also signs for a while",
        request=schemas.RotationSchema,
        responses={200: schemas.RotationAnswer},
        parameters=[ENDPOINT],
    )
    def rotate_webhook(self, request: Request) -> Response:
        service, actor = self._command(request)
        overlap = schemas.parse_overlap(request.json())
        endpoint, secret, until = service.rotate(_id_or_name(request), actor, overlap)
        return json_response(schemas.endpoint_json(endpoint) | {"secret": secret, "former_until": until})

    @operator_route(
        "POST",
        "/v1/webhooks/{endpoint}/disable",
        summary="Send nothing any more; what is due and what comes counts as failed",
        responses={200: schemas.EndpointAnswer},
        parameters=[ENDPOINT],
    )
    def disable_webhook(self, request: Request) -> Response:
        service, actor = self._command(request)
        return json_response(schemas.endpoint_json(service.disable(_id_or_name(request), actor)))

    @operator_route(
        "POST",
        "/v1/webhooks/{endpoint}/enable",
        summary="Send again what comes from now on; what failed waits to be replayed",
        responses={200: schemas.EndpointAnswer},
        parameters=[ENDPOINT],
    )
    def enable_webhook(self, request: Request) -> Response:
        service, actor = self._command(request)
        return json_response(schemas.endpoint_json(service.enable(_id_or_name(request), actor)))

    @operator_route(
        "GET",
        "/v1/webhooks/{endpoint}/deliveries",
        summary="What became of events for an endpoint, the latest first",
        responses={200: schemas.WebhookDeliveriesAnswer},
        parameters=[ENDPOINT, *DELIVERIES_QUERY.openapi()],
    )
    def get_webhook_deliveries(self, request: Request) -> Response:
        service, _ = self._authorize(request)
        values = DELIVERIES_QUERY.read(request)
        limit, position = values[PAGING.limit], PAGING.position(values, POSITION)
        rows = service.deliveries(_id_or_name(request), DeliveryState(values[STATE]), limit + 1, position)
        page, following = page_of(rows, limit, lambda row: POSITION.encode(row.queued_at, row.event_id))
        return json_response({"deliveries": [schemas.delivery_json(row) for row in page], "next": following})

    @operator_route(
        "POST",
        "/v1/webhooks/{endpoint}/replay",
        summary="Send one event again, or all that failed since a moment, under the same webhook-id",
        request=schemas.ReplaySchema,
        responses={200: schemas.ReplayAnswer},
        problems=[409],
        parameters=[ENDPOINT],
    )
    def replay_webhook(self, request: Request) -> Response:
        service, actor = self._command(request)
        event_id, since, delivered_too = schemas.parse_replay(request.json())
        if event_id is not None:
            count = service.replay_one(_id_or_name(request), event_id, actor)
        else:
            assert since is not None
            count = service.replay_since(_id_or_name(request), since, actor, delivered_too=delivered_too)
        return json_response({"replayed": count})

"""The routes of concerns and categories."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from concord_access import Action, allowed
from concord_access.limit_settings import RECEIPTS, REPORTS
from concord_access.nameko_mixin import AccessRoutes
from concord_bus.extensions.from_config import FromConfig
from concord_intake.application.concerns import Concerns
from concord_intake.application.errors import ConcernNotFound
from concord_intake.application.submit_concern import IdempotencyKey
from concord_intake.entrypoints import responses as r
from concord_intake.entrypoints.concern_parser import ConcernParser
from concord_intake.entrypoints.field_validators import SOURCE_LIMIT
from concord_intake.entrypoints.ndjson_import import NdjsonImport
from concord_intake.entrypoints.request_schemas import ConcernSchema, LineSchema
from concord_web import Limiter, Problem, Request, Response, http, json_response, stream_response
from concord_web.params import Parameters, Values, header, one_of, text
from concord_web.preconditions import canonical_json, read_idempotency_key
from concord_web.request import header_text

MAX_CONCERN_BYTES = 64 * 1024
"""Enough for 4,000 characters of description, each escaped, and the other fields."""
NDJSON = "application/x-ndjson"
NDJSON_TYPES = frozenset({NDJSON, "application/ndjson", "application/jsonl", "application/jsonlines"})
DEFAULT_SOURCE = "batch"

IDEMPOTENCY_KEY = header(
    "Idempotency-Key",
    "send the same key again within a day: the request takes effect only once",
    maxLength=255,
)
RECEIPT = header("Concord-Receipt", "the receipt; or send it as Authorization: Bearer")
LANGUAGE = header("Accept-Language", "language of the texts for the reporter")
SOURCE = text(
    "source",
    "name of the lines' source; line ids are unique within it. A login that may import history has to name it. Other"
    ' logins have ids of their own, "batch" by default. Without a login, leave it out',
    max_length=SOURCE_LIMIT,
)
DRY_RUN = one_of("dry_run", ("true", "false"), "true: say what would happen, and store nothing").with_default("false")
NO_PARAMETERS, BATCH_PARAMETERS = Parameters(), Parameters(SOURCE, DRY_RUN)
NEEDS_LOGIN = (
    "Without a login a batch has no named source. Leave source out, or send the token of a login: ids belong to it."
)
NEEDS_SOURCE = "Name the source of the city's records, such as source=open311. Name it the same each time."


class ConcernRoutes(AccessRoutes):
    """Reports, shows, withdraws and imports concerns. Unknown query parameters are errors."""

    concerns: Concerns = FromConfig("concerns")
    concern_parser: ConcernParser = FromConfig("concern_parser")
    ndjson_import: NdjsonImport = FromConfig("ndjson_import")
    responses: r.Responses = FromConfig("responses")
    limiter: Limiter = FromConfig("limiter")

    @http(
        "POST",
        "/v1/concerns",
        cross_origin=True,
        max_body=MAX_CONCERN_BYTES,
        summary="Report a concern",
        tags=["concerns"],
        request=ConcernSchema,
        responses={201: r.ConcernAcceptedResponse},
        problems=[429],
        parameters=[IDEMPOTENCY_KEY, LANGUAGE],
    )
    def post_concern(self, request: Request) -> Response:
        NO_PARAMETERS.read(request)
        if not self.has_login(request):
            self.limiter.take(REPORTS, request.client)
        raw = request.json()
        submission = self.concern_parser.parse(raw)
        key = read_idempotency_key(request.headers)
        accepted = self.concerns.submit(submission, IdempotencyKey(key, canonical_json(raw)) if key else None)
        # a language tag is also a valid Accept-Language header
        language = self.responses.languages.negotiate(raw.get("language") or request.headers.get("accept-language"))
        body = self.responses.accepted(accepted, submission, language)
        return json_response(body, 201, {"Location": f"/v1/concerns/{accepted.concern_id}"})

    @http(
        "GET",
        "/v1/concerns/{id}",
        cross_origin=True,
        summary="Show the status of a concern",
        tags=["concerns"],
        responses={200: r.ConcernStatusResponse},
        problems=[404, 429],
        parameters=[RECEIPT, LANGUAGE],
    )
    def get_concern(self, request: Request) -> Response:
        NO_PARAMETERS.read(request)
        with self._limited_receipts(request) as receipt:
            status = self.concerns.status(request.params["id"], receipt)
        return json_response(self.responses.status(status, request.headers.get("accept-language")))

    @http(
        "POST",
        "/v1/concerns/{id}/withdraw",
        cross_origin=True,
        max_body=MAX_CONCERN_BYTES,
        summary="Withdraw a concern",
        description="The city stops its work, and the reporter gets no more mail. A repeated request has no effect.",
        tags=["concerns"],
        responses={200: r.ConcernStatusResponse},
        problems=[404, 409, 429],
        parameters=[RECEIPT, LANGUAGE],
    )
    def post_withdrawal(self, request: Request) -> Response:
        NO_PARAMETERS.read(request)
        with self._limited_receipts(request) as receipt:
            status = self.concerns.withdraw(request.params["id"], receipt)
        return json_response(self.responses.status(status, request.headers.get("accept-language")))

    @http(
        "POST",
        "/v1/concerns:batch",
        stream=True,
        summary="Report many concerns, one JSON object a line",
        description="The service sends a result for each line while it still reads. A line with an id that the source"
        " sent before creates no second concern: after an interruption, send the whole batch again. It is `already` in"
        " if it tells the same. It is `updated` if only its history moved on: closed, reopened, or with another target."
        " Else it `differs`, and the result names the fields; nothing changes. Contact and language do not count. Ids"
        " belong to the sender; logins that may import history share theirs. Without a login a line is the same only if"
        " all of it is. An empty line requests the results so far. A line that takes too long to arrive ends the batch,"
        " with a result that says so. A line with a history (`reported_at`) needs a login that may import it.",
        tags=["concerns"],
        request=LineSchema,
        request_type=NDJSON,
        responses={200: r.LineResponse},
        response_type=NDJSON,
        problems=[413, 415, 429, 503],
        parameters=BATCH_PARAMETERS.openapi(),
    )
    def post_batch(self, request: Request) -> Response:
        if request.media_type not in NDJSON_TYPES:
            raise Problem(415, detail=f"Send one JSON object a line with Content-Type: {NDJSON}.")
        values = BATCH_PARAMETERS.read(request)
        principal = self.authenticate(request) if "authorization" in request.headers else None
        importer = principal is not None and allowed(principal, Action.HISTORY_IMPORT)
        source = _source(values, logged_in=principal is not None, importer=importer)
        run = partial(self.ndjson_import.run, dry_run=values[DRY_RUN] == "true")
        lines = request.lines(logged_in=principal is not None)
        if principal is None:
            results = run(lines, source, admit=partial(self.limiter.take, REPORTS, request.client))
        elif importer:
            results = run(lines, source, importer=principal.subject)
        else:
            results = run(lines, source, sender=principal.subject)
        return stream_response(results, NDJSON)

    @contextmanager
    def _limited_receipts(self, request: Request) -> Iterator[str]:
        """Give the receipt, and count one that is wrong. Raises Problem 429 after too many."""
        self.limiter.check(RECEIPTS, request.client)
        receipt = receipt_of(request)
        try:
            yield receipt
        except ConcernNotFound:
            if receipt:
                self.limiter.count(RECEIPTS, request.client)
            raise

    @http(
        "GET",
        "/v1/categories",
        cross_origin=True,
        summary="List the categories of concerns",
        tags=["concerns"],
        responses={200: r.CategoriesResponse},
        parameters=[LANGUAGE],
    )
    def get_categories(self, request: Request) -> Response:
        NO_PARAMETERS.read(request)
        return json_response(self.responses.categories(request.headers.get("accept-language")))


def _source(values: Values, *, logged_in: bool, importer: bool) -> str:
    """Return the name of a batch's source. Raises Problem 400 that says who may and who has to name one."""
    source = values[SOURCE]
    if source is not None and not logged_in:
        raise values.problem(SOURCE, NEEDS_LOGIN)
    if source is None and importer:
        raise values.problem(SOURCE, NEEDS_SOURCE)
    return source or DEFAULT_SOURCE


def receipt_of(request: Request) -> str:
    """Return the receipt in the headers, "" without one."""
    return header_text(request.headers, "concord-receipt") or request.bearer or ""

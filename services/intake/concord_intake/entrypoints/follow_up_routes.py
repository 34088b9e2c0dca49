"""The routes with which programs do what a reporter can do after the report, by receipt alone or by link."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from concord_access.limit_settings import RECEIPTS, REPORTS
from concord_bus.extensions.from_config import FromConfig
from concord_contracts.signed_links import ForgedLink
from concord_intake.application.errors import ConcernNotFound
from concord_intake.application.follow_up import FollowedConcern, FollowUp
from concord_intake.application.reporter_access import Access, ByReceipt
from concord_intake.entrypoints import follow_up_schemas as s
from concord_intake.entrypoints.concern_routes import (
    IDEMPOTENCY_KEY,
    LANGUAGE,
    NO_PARAMETERS,
    RECEIPT,
    receipt_of,
)
from concord_intake.entrypoints.responses import FollowedConcernResponse, Responses
from concord_web import Limiter, Request, Response, http, json_response
from concord_web.preconditions import read_idempotency_key

MAX_FOLLOW_UP_BYTES = 32 * 1024
"""Enough for 2,000 characters, each escaped, and the other fields."""
PARAMETERS = [RECEIPT, IDEMPOTENCY_KEY, LANGUAGE]
PROBLEMS = [404, 409, 410, 429]


class FollowUpRoutes:
    """Shows the concern of a receipt, and takes answers, feedback, withdrawals and contacts."""

    follow_up: FollowUp = FromConfig("follow_up")
    responses: Responses = FromConfig("responses")
    limiter: Limiter = FromConfig("limiter")

    @http(
        "GET",
        "/v1/concern",
        cross_origin=True,
        summary="Show the concern of a receipt",
        description="The receipt alone finds it. The response is that of `/v1/concerns/{id}`, and what the reporter may"
        " do now. A concern from before an update may need its id for some minutes after it.",
        tags=["follow-up"],
        responses={200: FollowedConcernResponse},
        problems=[404, 429],
        parameters=[RECEIPT, LANGUAGE],
    )
    def get_followed_concern(self, request: Request) -> Response:
        NO_PARAMETERS.read(request)
        access = ByReceipt(receipt_of(request))
        with self._limited_access(request, access):
            concern = self.follow_up.open(access)
        return self._response(request, concern)

    @http(
        "POST",
        "/v1/concern/answers",
        cross_origin=True,
        max_body=MAX_FOLLOW_UP_BYTES,
        summary="Answer the team, or add to a concern",
        description="The words go to the team, encrypted. Concord does not show them here again, only when they came.",
        tags=["follow-up"],
        request=s.AnswerSchema,
        responses={200: FollowedConcernResponse},
        problems=PROBLEMS,
        parameters=PARAMETERS,
    )
    def post_answer(self, request: Request) -> Response:
        access, words = s.parse_answer(self._json(request), receipt_of(request))
        with self._limited_access(request, access):
            self.limiter.take(REPORTS, request.client)
            concern = self.follow_up.answer(access, words, read_idempotency_key(request.headers))
        return self._response(request, concern)

    @http(
        "POST",
        "/v1/concern/feedback",
        cross_origin=True,
        max_body=MAX_FOLLOW_UP_BYTES,
        summary="Judge the result",
        description="Once for each time that a team resolves the concern, within 14 days. If it is fixed partly or not,"
        " the city opens the concern again. `cannot_tell` counts as an answer, and its ratings are not kept.",
        tags=["follow-up"],
        request=s.JudgementSchema,
        responses={200: FollowedConcernResponse},
        problems=PROBLEMS,
        parameters=PARAMETERS,
    )
    def post_judgement(self, request: Request) -> Response:
        access, judgement = s.parse_judgement(self._json(request), receipt_of(request))
        with self._limited_access(request, access):
            concern = self.follow_up.give_feedback(access, **judgement, key=read_idempotency_key(request.headers))
        return self._response(request, concern)

    @http(
        "POST",
        "/v1/concern/withdrawal",
        cross_origin=True,
        max_body=MAX_FOLLOW_UP_BYTES,
        summary="Withdraw the concern of a receipt",
        description="The city stops its work, and no more mail goes out. With a receipt the body may be empty.",
        tags=["follow-up"],
        request=s.WithdrawalSchema,
        responses={200: FollowedConcernResponse},
        problems=PROBLEMS,
        parameters=PARAMETERS,
    )
    def post_concern_withdrawal(self, request: Request) -> Response:
        access = s.parse_withdrawal(self._json(request) if request.media_type else {}, receipt_of(request))
        with self._limited_access(request, access):
            concern = self.follow_up.withdraw(access, read_idempotency_key(request.headers))
        return self._response(request, concern)

    @http(
        "POST",
        "/v1/concern/contact",
        cross_origin=True,
        max_body=MAX_FOLLOW_UP_BYTES,
        summary="Add or replace the contact",
        description="Mails go to this address from now on. The contact is encrypted, and no response shows it again.",
        tags=["follow-up"],
        request=s.NewContactSchema,
        responses={200: FollowedConcernResponse},
        problems=PROBLEMS,
        parameters=PARAMETERS,
    )
    def post_contact(self, request: Request) -> Response:
        access, contact = s.parse_contact(self._json(request), receipt_of(request))
        with self._limited_access(request, access):
            self.limiter.take(REPORTS, request.client)
            concern = self.follow_up.set_contact(access, contact, read_idempotency_key(request.headers))
        return self._response(request, concern)

    def _json(self, request: Request) -> Any:
        NO_PARAMETERS.read(request)
        return request.json()

    def _response(self, request: Request, concern: FollowedConcern) -> Response:
        return json_response(self.responses.followed(concern, request.headers.get("accept-language")))

    @contextmanager
    def _limited_access(self, request: Request, access: Access) -> Iterator[None]:
        """Count a receipt or a link that opens nothing. Raises Problem 429 after too many."""
        self.limiter.check(RECEIPTS, request.client)
        try:
            yield
        except (ConcernNotFound, ForgedLink):
            if access != ByReceipt(""):
                self.limiter.count(RECEIPTS, request.client)
            raise

"""Sign-in and sign-out at the desk."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from concord_access import NotAuthenticated, Principal, SigningKeysUnavailable
from concord_access.domain.sign_in import Attempt, ProviderUnavailable, SignInRefused, new_attempt, read_attempt
from concord_i18n.translator import N_
from concord_pages import FormState
from concord_routing.application.desk_access import DeskAccess, NoDeskGroup, Officer
from concord_routing.entrypoints.pages.desk import SAME_ORIGIN, DeskPages
from concord_web import Problem, Query, Request, Response
from concord_web.cookies import Cookie, expired, read_cookie

if TYPE_CHECKING:  # joserfc takes memory, and only a desk with a provider needs it
    from concord_access.adapters.identity_provider import IdentityProvider

SESSION_COOKIE, ATTEMPT_COOKIE = "__Host-desk", "__Host-desk-sign-in"
ATTEMPT_SECONDS = 600
HOME, SIGN_IN, SIGNED_OUT = "/desk", "/desk/sign-in", "/desk/signed-out"
WRONG_KEY = N_("This is no valid API key, or not any more. Copy the whole key; it begins with ck_.")
_OURS = re.compile(r"/desk(/cases/[0-9A-Z]{10})?")


class SignInPages:
    """`provider` is None in a city without one; then only API keys sign in. `url` is the origin of the desk."""

    def __init__(self, access: DeskAccess, pages: DeskPages, provider: "IdentityProvider | None", url: str) -> None:
        self._access = access
        self._pages = pages
        self._provider = provider
        self._url = url

    def show(self, request: Request, form: FormState | None = None, status: int = 200) -> Response:
        return self._pages.draw(
            request,
            "desk_sign_in.html",
            status,
            has_provider=self._provider is not None,
            back=_back(request.query.arg("next")),
            form=form or FormState(),
        )

    def begin(self, request: Request) -> Response:
        """Go to the provider's page. The attempt stays in a cookie of this browser alone."""
        if self._provider is None:
            raise Problem(404, detail="This city has no identity provider. Sign in with an API key.")
        attempt = new_attempt()
        try:
            place = self._provider.sign_in_url(attempt)
        except ProviderUnavailable:
            return self._pages.message(request, "provider_away", 503)
        value = f"{attempt.write()}~{quote(_back(request.query.arg('next')), safe='')}"
        response = Response(b"", 303, {"Location": place})
        response.cookies.append(Cookie(ATTEMPT_COOKIE, value, max_age=ATTEMPT_SECONDS, secure=True).header)
        return response

    def finish(self, request: Request, note: Callable[[str], None]) -> Response:
        """Take the provider's answer and open a session. `note` logs why a sign-in was refused, without any value."""
        if self._provider is None or not ("code" in request.query or "error" in request.query):
            return redirect(HOME)
        attempt, back = _read(read_cookie(request.headers, ATTEMPT_COOKIE) or "")
        answer = {name: request.query.arg(name) for name in ("code", "state", "iss", "error")}
        try:
            token = self._access.sign_in(self._provider.finish(answer, attempt))
        except ProviderUnavailable as error:
            note(str(error))
            response = self._pages.message(request, "provider_away", 503)
        except SignInRefused as error:
            note(str(error))
            response = self._pages.message(request, "refused", 403)
        except NoDeskGroup:
            response = self._pages.message(request, "no_group", 403)
        else:
            response = _with_session(back, token)
        response.cookies.append(expired(ATTEMPT_COOKIE, secure=True).header)
        return response

    def sign_in_by_key(self, request: Request, typed: Query, verify: Callable[[str], Principal]) -> Response:
        """Exchange an API key for a session. The page never shows a key again."""
        try:
            token = self._access.sign_in_by_key((typed.arg("api_key") or "").strip(), verify)
        except (NotAuthenticated, SigningKeysUnavailable):
            wrong = self._pages.translator(request).gettext(WRONG_KEY)
            return self.show(request, FormState({}, {"api_key": wrong}), 422)
        except Problem as problem:
            if problem.status != 429:
                raise
            return self._pages.message(request, "too_many", 429)
        return _with_session(_back(typed.arg("next")), token)

    def sign_out(self, officer: Officer, *, everywhere: bool) -> Response:
        """End our own session first; the provider's is its own page, which asks."""
        self._access.sign_out(officer.session, everywhere=everywhere)
        response = redirect(SIGNED_OUT)
        response.cookies.append(expired(SESSION_COOKIE, secure=True).header)
        return response

    def signed_out(self, request: Request) -> Response:
        place = None if self._provider is None else self._provider.sign_out_url(self._url + SIGNED_OUT)
        return self._pages.draw(request, "desk_signed_out.html", provider_sign_out=place)


def redirect(place: str) -> Response:
    return Response(b"", 303, {"Location": place, **SAME_ORIGIN})


def _with_session(back: str, token: str) -> Response:
    response = redirect(back)
    response.cookies.append(Cookie(SESSION_COOKIE, token, secure=True).header)
    return response


def _back(place: str | None) -> str:
    """Return where to go after the sign-in: a page of the desk, whatever the address says."""
    return place if place and _OURS.fullmatch(place) else HOME


def _read(cookie: str) -> tuple[Attempt | None, str]:
    attempt, _, back = cookie.partition("~")
    return read_attempt(attempt), _back(unquote(back))

"""The routes of the desk's pages. A session cookie names the officer; each form comes from a page of the session."""

import logging
from collections.abc import Callable
from urllib.parse import quote

from concord_access import NotAllowed, Principal
from concord_access.nameko_mixin import AccessRoutes
from concord_access.oidc_settings import CALLBACK
from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.extensions.from_config import FromConfig
from concord_pages import Assets, StaticRoutes
from concord_routing.application.desk_access import DeskAccess, Officer
from concord_routing.application.execute_command import CaseNotFound
from concord_routing.entrypoints.pages.desk import DeskPages
from concord_routing.entrypoints.pages.sign_in import HOME, SESSION_COOKIE, SIGN_IN, SignInPages, redirect
from concord_web import Problem, Query, Request, Response, http
from concord_web.cookies import read_cookie

MAX_FORM = 64 * 1024
"""Bytes of a form: texts of 2,000 and 500 characters, each percent-encoded, and the rest."""
HIDDEN_FIELDS = frozenset({"csrf", "key", "version", "api_key", "next", "do", "words"})

_log = logging.getLogger(__name__)

ForOfficer = Callable[[Officer], Response]
OfForm = Callable[[Officer, Query], Response]


class DeskSite:
    """The parts behind the routes. `url` is the origin of the desk, as officers' browsers see it."""

    def __init__(self, url: str, access: DeskAccess, pages: DeskPages, sign_in: SignInPages) -> None:
        self.url = url
        self.access = access
        self.pages = pages
        self.sign_in = sign_in

    def officer(self, request: Request) -> Officer | None:
        return self.access.resume(read_cookie(request.headers, SESSION_COOKIE))

    def is_own(self, request: Request) -> bool:
        """Return whether a form comes from a page of the desk, as far as the browser says."""
        site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
        return site in (None, "same-origin") and origin in (None, self.url)

    def guarded(self, request: Request, respond: Callable[[], Response], officer: Officer | None = None) -> Response:
        """Return the page, or one that says why there is none. A foreign case is like an unknown one."""
        try:
            return respond()
        except CaseNotFound:
            return self.pages.message(request, "not_found", 404, officer)
        except NotAllowed:
            return self.pages.message(request, "no_right", 403, officer)
        except ResourceUnavailable:
            return self.pages.message(request, "unavailable", 503, officer, _typed(request))
        except Problem as problem:
            return self.pages.message(request, "bad_request", problem.status, officer)

    def page(self, request: Request, draw: ForOfficer) -> Response:
        """Return a page for the officer, or the way to the sign-in."""

        def respond() -> Response:
            officer = self.officer(request)
            if officer is None:
                return redirect(f"{SIGN_IN}?next={quote(request.path)}")
            return self.guarded(request, lambda: draw(officer), officer)

        return self.guarded(request, respond)

    def form(self, request: Request, act: OfForm) -> Response:
        """Return what follows from a form of this session. Without one, nothing is done and the words come back."""

        def respond() -> Response:
            typed, officer = request.form(), self.officer(request)
            if officer is None:
                return self.pages.message(request, "ended", 403, typed=_typed(request))
            if not self.is_own(request) or not officer.session.accepts(typed.arg("csrf")):
                return self.pages.message(request, "other_site", 403, officer)
            return self.guarded(request, lambda: act(officer, typed), officer)

        return self.guarded(request, respond)


class DeskPageRoutes(StaticRoutes, AccessRoutes):
    """Mix into the service class. Without `desk_site`, the city has no desk: CONCORD_DESK_URL is not set."""

    desk_site: DeskSite | None = FromConfig("desk_site")
    assets: Assets = FromConfig("assets")

    def _site(self) -> DeskSite:
        if self.desk_site is None:
            raise Problem(404, detail="This installation has no desk. Set CONCORD_DESK_URL to open one.")
        return self.desk_site

    @http("GET", HOME, hidden=True)
    def get_desk(self, request: Request) -> Response:
        desk = self._site()
        return desk.page(request, lambda officer: desk.pages.show_list(request, officer))

    @http("POST", "/desk/search", max_body=MAX_FORM, hidden=True)
    def post_desk_search(self, request: Request) -> Response:
        desk = self._site()
        return desk.form(request, lambda officer, typed: desk.pages.show_found(request, officer, typed))

    @http("GET", "/desk/cases/{case_id}", hidden=True)
    def get_desk_case(self, request: Request) -> Response:
        desk = self._site()
        return desk.page(request, lambda officer: desk.pages.show_case(request, officer))

    @http("POST", "/desk/cases/{case_id}/words", max_body=MAX_FORM, hidden=True)
    def post_desk_words(self, request: Request) -> Response:
        desk = self._site()
        return desk.form(request, lambda officer, typed: desk.pages.show_words(request, officer, typed))

    @http("POST", "/desk/cases/{case_id}/contact", max_body=MAX_FORM, hidden=True)
    def post_desk_contact(self, request: Request) -> Response:
        desk = self._site()
        return desk.form(request, lambda officer, typed: desk.pages.show_contact(request, officer, typed))

    @http("POST", "/desk/cases/{case_id}/do/{form}", max_body=MAX_FORM, hidden=True)
    def post_desk_command(self, request: Request) -> Response:
        desk = self._site()
        return desk.form(request, lambda officer, typed: desk.pages.execute(request, officer, typed))

    @http("GET", SIGN_IN, hidden=True)
    def get_desk_sign_in(self, request: Request) -> Response:
        desk = self._site()
        return desk.guarded(request, lambda: desk.sign_in.show(request))

    @http("POST", SIGN_IN, max_body=MAX_FORM, hidden=True)
    def post_desk_sign_in(self, request: Request) -> Response:
        desk = self._site()
        if not desk.is_own(request):
            return desk.pages.message(request, "other_site", 403)

        def verify(secret: str) -> Principal:
            return self.access.authenticate({"authorization": f"Bearer {secret}"}, request.client)

        return desk.guarded(request, lambda: desk.sign_in.sign_in_by_key(request, request.form(), verify))

    @http("GET", "/desk/sign-in/provider", hidden=True)
    def get_desk_provider(self, request: Request) -> Response:
        desk = self._site()
        return desk.guarded(request, lambda: desk.sign_in.begin(request))

    @http("GET", CALLBACK, hidden=True)
    def get_desk_signed_in(self, request: Request) -> Response:
        desk = self._site()
        return desk.guarded(request, lambda: desk.sign_in.finish(request, _note))

    @http("POST", "/desk/sign-out", max_body=MAX_FORM, hidden=True)
    def post_desk_sign_out(self, request: Request) -> Response:
        desk = self._site()
        return desk.form(
            request, lambda officer, typed: desk.sign_in.sign_out(officer, everywhere=bool(typed.arg("everywhere")))
        )

    @http("GET", "/desk/signed-out", hidden=True)
    def get_desk_signed_out(self, request: Request) -> Response:
        desk = self._site()
        return desk.guarded(request, lambda: desk.sign_in.signed_out(request))


def _note(why: str) -> None:
    _log.info("refused a sign-in at the desk: %s", why)


def _typed(request: Request) -> list[str]:
    """Return the texts of a form, to hand them back to whoever wrote them."""
    if request.method != "POST":
        return []
    form = request.form()
    return [text for name in form if name not in HIDDEN_FIELDS and (text := form.arg(name))]

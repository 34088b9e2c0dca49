"""The start page, and the pages about what the city keeps and how accessible the pages are."""

from concord_contracts.feedback_links import LIFETIME
from concord_intake.application.submit_concern import KEY_LIFETIME
from concord_pages import PUBLIC, Pages
from concord_web import Request, Response


class StartPages:
    """Pages that are the same for everyone, so they may be compressed."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def start(self, request: Request) -> Response:
        _ = self._pages.translator(self._pages.language(request)).gettext
        return self._page(request, "start.html", _("Tell %(city)s what is wrong", city=self._pages.site.city))

    def privacy(self, request: Request) -> Response:
        _ = self._pages.translator(self._pages.language(request)).gettext
        return self._page(request, "privacy.html", _("How we use what you send"))

    def accessibility(self, request: Request) -> Response:
        _ = self._pages.translator(self._pages.language(request)).gettext
        return self._page(request, "accessibility.html", _("Accessibility of these pages"))

    def _page(self, request: Request, template: str, title: str) -> Response:
        return self._pages.response(
            request,
            template,
            policy=PUBLIC,
            compressed=True,
            title=title,
            link_days=LIFETIME.days,
            key_hours=int(KEY_LIFETIME.total_seconds() // 3600),
        )

"""Draws pages: templates of a service within the common frame, in the reader's language, with the right headers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from jinja2 import Template as JinjaTemplate

from concord_i18n.catalogues import Catalogues
from concord_i18n.dates import language_name, text_direction
from concord_i18n.negotiation import Languages
from concord_i18n.translator import Translator
from concord_pages.assets import Assets, accepts_gzip, compress
from concord_pages.form_state import FormState
from concord_pages.languages import chosen_language, page_language
from concord_pages.policy import PRIVATE, Policy
from concord_web import Request, Response, text_response

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Site:
    """The content of the frame on each page: the city's name, its emergency number, and links of the foot.

    `links` are pairs of an address and an English text, marked with `N_`, which the catalogues translate.
    `home` is the address behind the city's name.
    """

    city: str
    emergency_number: str | None = None
    links: Sequence[tuple[str, str]] = ()
    home: str = "/"


class Pages:
    """The pages of one service: templates in `folder` of its `package`, and those of this package.

    `languages` are the languages of the texts with the city's as the default. `secure` marks cookies for HTTPS only.
    """

    def __init__(
        self,
        package: str,
        folder: str,
        assets: Assets,
        catalogues: Catalogues,
        languages: Languages,
        site: Site,
        *,
        secure: bool = False,
    ) -> None:
        self.languages = languages
        self.site = site
        self._assets = assets
        self._catalogues = catalogues
        self._secure = secure
        self._environment = environment(package, folder)

    def translator(self, language: str) -> Translator:
        return self._catalogues[language]

    def language(self, request: Request, preferred: str | None = None) -> str:
        """Return the page's language: see `page_language`."""
        return page_language(request, self.languages, preferred)

    def response(
        self,
        request: Request,
        template: str,
        status: int = 200,
        *,
        policy: Policy = PRIVATE,
        preferred: str | None = None,
        headers: Mapping[str, str] | None = None,
        compressed: bool = False,
        **values: Any,
    ) -> Response:
        """Return a page. `values` are those of the template, with `form`, a FormState, if it has a form.

        Only a page that is the same for everyone may be `compressed`: the size of a compressed secret beside typed
        text would tell the secret.
        """
        language = self.language(request, preferred)
        html = self.render(template, language, **values)
        more = {**policy.headers, "Content-Language": language, **(headers or {})}
        if compressed:
            more["Vary"] = "Accept-Encoding, Accept-Language, Cookie"
        if compressed and accepts_gzip(request.headers.get("accept-encoding", "")):
            response = Response(compress(html.encode()), status, more | {"Content-Encoding": "gzip"}, HTML)
        else:
            response = text_response(html, status, more, HTML)
        if request.method == "GET" and (cookie := chosen_language(request, self.languages, secure=self._secure)):
            response.cookies.append(cookie.header)
        return response

    def render(self, template: str, language: str, **values: Any) -> str:
        """Return the page as HTML."""
        found: JinjaTemplate = self._environment.get_template(template)
        return found.render(**self._frame(language), **{"form": FormState(), **values})

    def _frame(self, language: str) -> Mapping[str, Any]:
        translator = self._catalogues[language]
        others = (tag for tag in self._catalogues.languages if tag != language)
        return {
            "_": translator.gettext,
            "ngettext": translator.ngettext,
            "pgettext": translator.pgettext,
            "asset": self._assets.url,
            "language": language,
            "direction": text_direction(language),
            "others": [{"tag": tag, "name": language_name(tag)} for tag in others],
            "site": self.site,
        }


def environment(package: str, folder: str) -> Environment:
    """Return a Jinja2 environment that escapes every value and fails for a missing one."""
    return Environment(
        loader=ChoiceLoader([PackageLoader(package, folder), PackageLoader("concord_pages", "templates")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page_text(text: str | None) -> str:
    """Return a text that somebody typed in a form: line ends as one character, without spaces around it."""
    return (text or "").replace("\r\n", "\n").strip()

"""The language of a page. A person's choice wins over the settings of the browser."""

from concord_i18n.negotiation import Languages
from concord_web import Problem, Request
from concord_web.cookies import Cookie, read_cookie

LANGUAGE_COOKIE = "language"
YEAR_SECONDS = 365 * 24 * 3600


def page_language(request: Request, languages: Languages, preferred: str | None = None) -> str:
    """Return the language of `?language=`, else of the cookie, else `preferred`, else that of Accept-Language.

    `preferred` may be the language of the mail whose link somebody opened.
    """
    for tag in (_asked(request), read_cookie(request.headers, LANGUAGE_COOKIE), preferred):
        if tag in languages.supported:
            return str(tag)
    return languages.negotiate(request.headers.get("accept-language"))


def chosen_language(request: Request, languages: Languages, *, secure: bool) -> Cookie | None:
    """Return the cookie that keeps a choice by `?language=`; None without a new choice."""
    tag = _asked(request)
    if tag not in languages.supported or tag == read_cookie(request.headers, LANGUAGE_COOKIE):
        return None
    return Cookie(LANGUAGE_COOKIE, str(tag), max_age=YEAR_SECONDS, secure=secure)


def _asked(request: Request) -> str | None:
    try:
        return request.query.arg("language")
    except Problem:
        return None

"""The desk on the store in memory, and a browser without a screen: it keeps cookies and sends the forms of pages."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace
from urllib.parse import urlencode, urlsplit

from routing_concerns import CITY
from test_desk_access import TABLE
from test_desk_access import Desk as Sessions

from concord_access.authenticator import Authenticator
from concord_access.domain.sign_in import SignedIn
from concord_access.oidc_settings import DeskSettings
from concord_routing.adapters.resident_decryption import ResidentDecryption
from concord_routing.application.cases import CaseService
from concord_routing.application.live_rules import Rules, fixed
from concord_routing.application.read_concern import ReadConcern
from concord_routing.application.search_cases import SearchCases
from concord_routing.entrypoints.desk_page_routes import DeskPageRoutes
from concord_routing.entrypoints.pages.sign_in import SESSION_COOKIE
from concord_routing.entrypoints.pages.site import desk_assets
from concord_routing.entrypoints.responses import render_case
from concord_routing.service import desk_site as wired
from concord_web import Problem
from concord_web.query_string import Query
from concord_web.router import Router

URL = "https://desk.city.example.org"
SENSITIVE = replace(CITY.categories["graffiti"], sensitive=True)


class Desk(Sessions):
    """The routes of the desk, with one routed case `W` in the west and one in triage, `T`."""

    def __init__(self, table=TABLE, url=URL, **city):
        super().__init__()
        self.city = replace(CITY, desk=table, **city)
        locator = fixed(CITY)().locator

        def rules():
            return Rules(self.city, locator)

        keyrings = self.bus.codec._keyrings
        cases = CaseService(rules, self, render_case, lambda: self.now)
        words = ResidentDecryption(keyrings)
        concerns = ReadConcern(rules, self, words)
        assets = desk_assets()
        search = SearchCases(rules, self, words, lambda: None)
        self.desk = wired(DeskSettings(url), rules, self, cases, concerns, search, assets, lambda: self.now)
        keys = SimpleNamespace(authenticate=self.verify)
        self.service = DeskPageRoutes()
        self.service.desk_site, self.service.assets = self.desk, assets
        self.service.access = Authenticator(None, keys)
        self.access = self.desk.access

    def browser(self, *groups, subject="user:7f3a"):
        """A browser that is signed in with these groups; without any, it is not."""
        browser = Browser(self)
        if groups:
            browser.cookies[SESSION_COOKIE] = self.access.sign_in(SignedIn(subject, frozenset(groups)))
        return browser


METHODS = {
    (entry.route.method, entry.route.path): (entry.route, name)
    for name in dir(DeskPageRoutes)
    for entry in getattr(getattr(DeskPageRoutes, name), "nameko_entrypoints", ())
}
ROUTER = Router([route for route, _ in METHODS.values()])


class Page:
    """A response, and the forms and the text in it."""

    def __init__(self, response):
        self.status, self.headers, self.response = response.status, response.headers, response
        self.html = response.body.decode()
        self.place = response.headers.get("Location", "")
        parsed = _Parser()
        parsed.feed(self.html)
        self.forms, self.text, self.links = parsed.forms, " ".join(" ".join(parsed.texts).split()), parsed.links

    def form(self, action):
        """The fields of the first form with this end of its address."""
        return next(dict(fields) for place, fields in self.forms if place.endswith(action))


class _Parser(HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms, self.texts, self.links = [], [], []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.forms.append((given.get("action", ""), []))
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag in ("input", "textarea", "select") and self.forms and given.get("name"):
            self.forms[-1][1].append((given["name"], given.get("value", "")))

    def handle_data(self, data):
        self.texts.append(data)


class Browser:
    def __init__(self, desk):
        self.desk = desk
        self.cookies = {}
        self.headers = {}

    def get(self, address):
        return self._send("GET", address, b"", {})

    def post(self, address, fields, **headers):
        own = {"origin": URL, "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded"}
        return self._send("POST", address, urlencode(fields).encode(), own | headers)

    def _send(self, method, address, body, headers):
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        response = respond(self.desk, method, address, body, {"cookie": cookie, **self.headers, **headers})
        for header in response.cookies:
            name, value = re.match(r"([^=]+)=([^;]*)", header).groups()
            if "Max-Age=0" in header:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return Page(response)


def respond(desk, method, address, body, headers):
    """Return the response of the desk to any request, as a server would."""
    parts = urlsplit(address)
    route, params = ROUTER.find(method, parts.path)
    return getattr(desk.service, METHODS[method, route.path][1])(_Request(method, parts, body, headers, params))


class _Request:
    def __init__(self, method, parts, body, headers, params):
        self.method, self.path, self.params, self.headers = method, parts.path, dict(params), headers
        self.query, self.client, self._body = Query(parts.query), "192.0.2.1", body

    def form(self):
        if "form" not in self.headers.get("content-type", ""):
            raise Problem(415)
        return Query(self._body.decode())

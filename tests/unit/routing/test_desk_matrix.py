"""The forms of the desk by role, team and area: refused without a hint of what exists."""

import pytest
from desk_browser import CITY, Desk

from concord_access import Action, allowed
from concord_city.domain.model import DESK_ROLES, DeskGroup
from concord_routing.domain.commands import OFFICER_COMMANDS
from concord_routing.domain.desk_session import principal_of

TEAMS = ("patrol-west", "patrol-east")
AREAS = ("west", "east", None)
GRANTS = [(role, team, area) for role in DESK_ROLES for team in TEAMS for area in AREAS]
FIELDS = {
    "message": "Words",
    "due_at": "2026-11-25T09:00",
    "promise": "W-2",
    "reason": "Words",
    "to": "Partner",
    "where_to_go": "There",
    "team": "works",
    "note": "Words",
    "officer": "user:7f3a",
}
FORMS = {"acknowledge": "acknowledge", "ask": "update"} | {
    name: name
    for name in ("update", "promise", "renegotiate", "refer", "resolve", "decline", "reassign", "assign", "note")
}


def desk_for(role: str, team: str, area: str | None) -> Desk:
    areas = None if area is None else frozenset({area})
    return Desk(table=(DeskGroup("one", role, frozenset({team}), areas),))


@pytest.mark.parametrize(("role", "team", "area"), GRANTS)
def test_each_form_needs_the_right_of_its_command(role: str, team: str, area: str | None) -> None:
    for form, command in FORMS.items():
        desk = desk_for(role, team, area)
        browser = desk.browser("one")
        who = principal_of("user:7f3a", ["one"], desk.city.desk)
        reads = allowed(who, Action.CASE_READ, "patrol-west", "west")
        may = allowed(who, OFFICER_COMMANDS[command].permission, "patrol-west", "west")
        csrf = browser.get("/desk").form("/desk/search")["csrf"]
        fields = FIELDS | {"csrf": csrf, "version": "1", "key": f"k-{form}"}
        page = browser.post(f"/desk/cases/W/do/{form}", fields)
        expected = 303 if may else 403 if reads else 404
        assert (form, page.status) == (form, expected)
        with desk.read() as store:
            assert store.case("W").version == (2 if may else 1)


@pytest.mark.parametrize("path", ["do/acknowledge", "do/resolve", "words", "contact"])
def test_a_foreign_case_and_an_unknown_one_get_the_same_page(path: str) -> None:
    desk = desk_for("officer", "patrol-east", None)
    browser = desk.browser("one")
    csrf = browser.get("/desk").form("/desk/search")["csrf"]
    fields = FIELDS | {"csrf": csrf, "version": "1", "key": "k"}
    pages = [browser.post(f"/desk/cases/{case}/{path}", fields) for case in ("W", "UNKNOWN")]
    assert [page.status for page in pages] == [404, 404]
    assert pages[0].html == pages[1].html
    assert CITY.areas["west"].name not in pages[0].text
    assert browser.get("/desk/cases/W").html == browser.get("/desk/cases/UNKNOWN").html

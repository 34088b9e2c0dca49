"""The routes of the desk without a server: what goes in and out of the use cases, and what is refused."""

import json
from types import SimpleNamespace

import pytest
from marshmallow import ValidationError
from routing_concerns import CITY, WORDS
from test_commands import Office
from test_read_concern import officer, recorded

from concord_access import EVERYWHERE, Principal, Role
from concord_access.domain.permissions import default_actions
from concord_routing.adapters.resident_decryption import ResidentDecryption
from concord_routing.application.desk import Desk
from concord_routing.application.hand_over_cases import HandOverCases
from concord_routing.application.live_rules import fixed
from concord_routing.application.read_concern import ReadConcern
from concord_routing.application.search_cases import SearchCases
from concord_routing.entrypoints import query_params as q
from concord_routing.entrypoints.command_routes import CommandRoutes
from concord_routing.entrypoints.concern_routes import ConcernRoutes
from concord_routing.entrypoints.desk_routes import DeskRoutes
from concord_routing.entrypoints.error_responses import PROBLEMS
from concord_web import Problem, Query


class Routes(ConcernRoutes, DeskRoutes, CommandRoutes):
    """The routes on an office, for one sender at a time."""

    def __init__(self, office):
        rules, words = fixed(CITY), ResidentDecryption(office.bus.codec._keyrings)
        self.who = officer()
        self.access = SimpleNamespace(authenticate=lambda headers, client: self.who)
        self.cases = office.client.cases
        self.concern_reader = ReadConcern(rules, office, words)
        self.desk = Desk(rules, office, lambda: office.now)
        self.search_cases = SearchCases(rules, office, words, lambda: None)
        self.hand_over_cases = HandOverCases(rules, office)


@pytest.fixture
def office():
    return Office()


@pytest.fixture
def routes(office):
    return Routes(office)


def request(body=None, headers=None, **params):
    raw = b"" if body is None else json.dumps(body).encode()
    return SimpleNamespace(headers=headers or {}, client="", params=params, json=lambda: body, body=lambda: raw)


def shown(response):
    assert response.status == 200
    return json.loads(response.body)


def test_words_and_contact_are_never_stored_by_a_browser(office, routes):
    office.bus.deliver(recorded())
    for found, key in (
        (routes.get_concern(request(case_id="w")), "words"),
        (routes.get_contact(request(case_id="w")), "contact"),
    ):
        assert found.headers["Cache-Control"] == "no-store"
        assert shown(found)[key]


def test_a_search_by_words_and_its_limits(routes):
    found = shown(routes.search(request({"text": WORDS[:9]})))
    assert [each["case_id"] for each in found["cases"]] == ["W"]
    assert (found["searched"], found["complete"]) == (1, True)
    for wrong in ({}, {"text": ""}, {"text": "x" * 201}, {"words": "x"}):
        with pytest.raises(ValidationError):
            routes.search(request(wrong))
    with pytest.raises(Exception, match="text") as refused:
        routes.search(request({"text": "ab"}))
    problem = PROBLEMS.find(refused.value)
    assert (problem.status, "text" in str(problem.as_dict())) == (422, True)


def test_assign_then_hand_over_then_count(office, routes):
    assigned = routes.post_assign(request({"officer": "user:7f3a", "note": "yours"}, {"if-match": '"1"'}, case_id="w"))
    assert shown(assigned)["assignee"] == "user:7f3a"
    with pytest.raises(ValidationError):
        routes.post_assign(request({"note": "for whom?"}, {"if-match": '"2"'}, case_id="w"))
    role = Role.SUPERVISOR
    routes.who = Principal("user:b", role, frozenset({"patrol-west"}), frozenset({"*"}), default_actions(role))
    given = shown(routes.hand_over(request({"from": "user:7f3a", "to": "user:b"})))
    assert given == {"handed_over": 1, "more": False}
    with pytest.raises(ValidationError):
        routes.hand_over(request({"from": "user:7f3a"}))
    counts = shown(routes.get_desk_counts(request()))
    assert (counts["mine"], counts["tasks"]["triage"], counts["tasks"]["answered"]) == (1, 1, 0)


def test_mine_stands_for_the_sender():
    values = q.CASES.read(SimpleNamespace(query=Query("mine=true&open=true")))
    where = q.read_filter(values, EVERYWHERE, "user:1")
    assert (where.assignee, where.is_open) == ("user:1", True)
    with pytest.raises(Problem):
        q.read_filter(q.CASES.read(SimpleNamespace(query=Query("mine=true&assignee=user:2"))), EVERYWHERE, "user:1")

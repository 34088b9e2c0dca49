"""Limits of one address at intake: wrong receipts, reports without a login, and nothing for those with one."""

from typing import Any

import orjson
import pytest
from residents import Office, told

from concord_access.authenticator import Authenticator
from concord_access.limit_settings import RECEIPTS, REPORTS
from concord_web.limiter import Limiter
from concord_web.problem import Problem

TOKEN = "the-operators-token"


@pytest.fixture
def office() -> Office:
    office = Office()
    office.client.routes.limiter = Limiter({RECEIPTS: "2/minute", REPORTS: "3/minute"}, refused=lambda name: None)
    office.client.routes.access = Authenticator(TOKEN)
    return office


def status(call: Any, *arguments: Any) -> int:
    try:
        call(*arguments)
    except Problem as problem:
        assert problem.status != 429 or int(problem.headers["Retry-After"]) > 0  # noqa: PT017
        return problem.status
    return 200


def test_wrong_receipts_are_limited_and_right_ones_do_not_count(office: Office) -> None:
    concern = office.client.report(told())
    for _ in range(5):
        assert status(office.client.show, concern["id"], concern["receipt"]) == 200
    wrong = [status(office.client.show, concern["id"], "0000 0000 0000 0000") for _ in range(2)]
    assert wrong == [404, 404]
    assert status(office.client.withdraw, concern["id"], "0000 0000 0000 0000") == 429
    assert status(office.client.show, concern["id"], concern["receipt"]) == 429
    office.client.address = "203.0.113.8"
    assert status(office.client.show, concern["id"], concern["receipt"]) == 200


def test_reports_without_a_login_are_limited(office: Office) -> None:
    assert [status(office.client.report, told()) for _ in range(4)] == [200, 200, 200, 429]
    assert office.store.counts().concerns == 3


def test_reports_with_a_login_are_not_limited(office: Office) -> None:
    login = {"authorization": f"Bearer {TOKEN}"}
    for _ in range(9):
        office.client._call(office.client.routes.post_concern, told(), login)
    wrong = {"authorization": "Bearer wrong"}
    answers = [status(office.client._call, office.client.routes.post_concern, told(), wrong) for _ in range(4)]
    assert answers == [200, 200, 200, 429], "a wrong one counts as none"
    assert office.store.counts().concerns == 9 + 3


def test_each_line_of_a_batch_without_a_login_counts(office: Office) -> None:
    admitted = iter([None, Problem(429, detail="Later."), None])

    def admit() -> None:
        if problem := next(admitted):
            raise problem

    lines = [orjson.dumps(told(id="1")), b"{broken", orjson.dumps(told(id="3")), orjson.dumps(told(id="4"))]
    answered = b"".join(office.client.routes.ndjson_import.run(lines, "s", admit=admit))
    results = [orjson.loads(line) for line in answered.splitlines()]
    assert [result["status"] for result in results] == ["accepted", "refused", "refused", "accepted"]
    assert [results[number]["problem"]["status"] for number in (1, 2)] == [400, 429]

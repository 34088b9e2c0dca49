"""The error table of a service."""

import pytest

from concord_web import Problem, error_table, problem_row, service_unavailable


class Missing(Exception): ...


class Away(Exception):
    resource = "database"


TABLE = error_table({Missing: problem_row(404, "See /v1/cases.")}, unavailable=Away)


def test_an_unavailable_resource_is_one_503_with_retry_after():
    problem = TABLE.find(Away())
    assert (problem.status, problem.headers) == (503, {"Retry-After": "5"})
    assert problem.detail.startswith("The database is temporarily unavailable. Try again")


def test_a_row_can_be_a_fixed_answer():
    problem = TABLE.find(Missing("private"))
    assert (problem.status, problem.detail) == (404, "See /v1/cases.")


def test_the_table_keeps_problems_and_unknown_errors():
    raised = Problem(418)
    assert TABLE.find(raised) is raised
    assert TABLE.find(KeyError()) is None


@pytest.mark.parametrize("status", [410, 500])
def test_a_later_table_replaces_a_row(status):
    table = error_table({Missing: 404}, {Missing: status, Away: 502}, unavailable=Away)
    assert table.find(Missing()).status == status
    assert table.find(Away()).status == 502


def test_another_wait_can_be_named():
    assert service_unavailable("Try later.", 30).headers == {"Retry-After": "30"}

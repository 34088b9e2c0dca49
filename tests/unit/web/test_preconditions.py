"""If-Match and Idempotency-Key."""

import pytest

from concord_web import Problem
from concord_web.preconditions import (
    canonical_json,
    etag,
    fingerprint,
    key_reused,
    read_idempotency_key,
    read_if_match,
)


@pytest.mark.parametrize(("header", "version"), [('"1"', 1), (' "420" ', 420), (etag(3), 3)])
def test_the_version_is_read_from_the_etag(header, version):
    assert read_if_match({"if-match": header}) == version


@pytest.mark.parametrize(
    ("header", "status"),
    [(None, 428), ("", 400), ("1", 400), ("*", 400), ('W/"1"', 400), ('"0"', 400), ('"1", "2"', 400), ('"x"', 400)],
)
def test_any_other_if_match_is_a_problem(header, status):
    with pytest.raises(Problem) as caught:
        read_if_match({} if header is None else {"if-match": header})
    assert (caught.value.status, caught.value.errors[0]["field"]) == (status, "If-Match")


@pytest.mark.parametrize("key", [None, "k", "x" * 255, "a b"])
def test_a_key_is_read(key):
    assert read_idempotency_key({} if key is None else {"idempotency-key": key}) == key


@pytest.mark.parametrize("key", ["", "x" * 256, "naïve", "a\tb"])
def test_a_malformed_key_is_a_problem(key):
    with pytest.raises(Problem) as caught:
        read_idempotency_key({"idempotency-key": key})
    assert (caught.value.status, caught.value.errors[0]["field"]) == (400, "Idempotency-Key")


def test_a_fingerprint_does_not_depend_on_the_order_of_members():
    assert fingerprint([{"a": 1, "b": 2}]) == fingerprint([{"b": 2, "a": 1}]) != fingerprint([{"a": 1}])
    assert canonical_json({"b": 1, "a": 2}) == b'{"a":2,"b":1}'


def test_a_key_of_another_request_is_a_422():
    problem = key_reused()
    assert (problem.status, problem.errors[0]["field"]) == (422, "Idempotency-Key")

"""The questions to the broker's management API."""

import json
from urllib.parse import urlsplit

import pytest

from concord_http import HttpClient, InvalidResponseError, Response
from concord_metrics.ops.http_probe import broker_responses


class Answers(HttpClient):
    """Answers by path, in place of a server; 404 for the others."""

    def __init__(self, answers):
        super().__init__("http://127.0.0.1:1")
        self._answers = answers

    def get(self, path):
        found = self._answers.get(urlsplit(path).path)
        return Response(404, {}, b"{}") if found is None else Response(200, {}, json.dumps(found).encode())


ANSWERS = {
    "/api/nodes": [],
    "/api/queues/%2F": [{"name": "concord.log", "messages": 0}],
    "/api/overview": {"rabbitmq_version": "3.10.8"},
}


@pytest.mark.parametrize(("log", "length"), [({"messages": 7}, 7), ({}, None), (None, None)])
def test_the_log_may_not_be_counted_yet_or_not_be_there(log, length):
    answers = broker_responses(Answers(ANSWERS | {"/api/queues/%2F/concord.log": log}), "/")
    assert (answers["log"], answers["version"]) == (length, "3.10.8")


def test_nodes_must_be_told():
    with pytest.raises(InvalidResponseError, match="unexpected status 404 from /api/nodes"):
        broker_responses(Answers(ANSWERS | {"/api/nodes": None}), "/")

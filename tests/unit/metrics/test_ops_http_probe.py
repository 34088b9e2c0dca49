"""The questions to the broker's management API."""

import json
from urllib.parse import urlsplit

import pytest

from concord_metrics.ops.http_probe import Asker, NoAnswer, broker_answers


class Answers(Asker):
    """Answers by path, in place of a server; 404 for the others."""

    def __init__(self, answers):
        super().__init__("http://127.0.0.1:1")
        self._answers = answers

    def get(self, path):
        found = self._answers.get(urlsplit(path).path)
        return (404, "{}") if found is None else (200, json.dumps(found))


ANSWERS = {
    "/api/nodes": [],
    "/api/queues/%2F": [{"name": "concord.log", "messages": 0}],
    "/api/overview": {"rabbitmq_version": "3.10.8"},
}


@pytest.mark.parametrize(("log", "length"), [({"messages": 7}, 7), ({}, None), (None, None)])
def test_the_log_may_not_be_counted_yet_or_not_be_there(log, length):
    answers = broker_answers(Answers(ANSWERS | {"/api/queues/%2F/concord.log": log}), "/")
    assert (answers["log"], answers["version"]) == (length, "3.10.8")


def test_nodes_must_be_told():
    with pytest.raises(NoAnswer, match="answers 404"):
        broker_answers(Answers(ANSWERS | {"/api/nodes": None}), "/")

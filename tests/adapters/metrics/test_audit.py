"""That the measures were rebuilt stands in the audit, in the transaction that switched over."""

import json
from zoneinfo import ZoneInfo

import pytest
from metric_events import AT, received

from concord_metrics.application.rebuild import NotRebuilt, abandon, begin, switch, write
from concord_metrics.domain.concern_facts import Fact, merge

BOSTON = ZoneInfo("America/New_York")


def entries(database):
    with database.read() as (_, store):
        return [(each.actor, each.action, each.subject, json.loads(each.details)) for each in store.audit.records()]


def rebuilt(database, *concerns):
    begin(database)
    write(database, {each: merge(Fact(each), received(each)) for each in concerns})


def test_one_entry_for_each_switch(database):
    with database.begin() as (_, store):
        store.settle_days(BOSTON)
    rebuilt(database, "c1", "c2")
    assert switch(database, False, "cli:1000", AT) == (2, 0)
    rebuilt(database, "c1")
    with pytest.raises(NotRebuilt):
        switch(database, False, "cli:1000", AT)
    assert len(entries(database)) == 1
    assert switch(database, True, "cli:0", AT) == (1, 2)
    assert entries(database) == [
        ("cli:1000", "measures.rebuilt", "measures:live", {"concerns": 2, "before": 0}),
        ("cli:0", "measures.rebuilt", "measures:live", {"concerns": 1, "before": 2}),
    ]


def test_without_its_entry_there_is_no_switch(database, monkeypatch):
    with database.begin() as (_, store):
        store.settle_days(BOSTON)
        monkeypatch.setattr(type(store.audit), "append", lambda *_: 1 / 0)
    rebuilt(database, "c1")
    with pytest.raises(ZeroDivisionError):
        switch(database, False, "cli:1000", AT)
    with database.read() as (_, store):
        assert store.concerns() == 0
    abandon(database)

"""The audit records each rebuild, in the transaction of the switch."""

import json
from zoneinfo import ZoneInfo

import pytest
from metric_events import AT, received

from concord_bus.rebuild import RebuildError
from concord_metrics.adapters.repository import transactions
from concord_metrics.application.rebuild import FactBatch, abandon, add_batches, begin, switch
from concord_metrics.domain.concern_facts import Fact, merge_event
from concord_metrics.domain.log_comparison import LogComparison, MissingEvents

BOSTON = ZoneInfo("America/New_York")
NONE_MISSING, LOST = MissingEvents((), 1), MissingEvents(("e1",), 1)


def entries(database):
    with database.read() as (_, store):
        return [
            (entry.actor, entry.action, entry.subject, json.loads(entry.details)) for entry in store.audit.records()
        ]


def fill(database, *concerns):
    transaction = transactions(database)
    begin(transaction, restart=False)
    facts = [merge_event(Fact(concern), received(concern)) for concern in concerns]
    add_batches(transaction, [FactBatch(facts, len(facts), 0, [])], lambda read: None, LogComparison({}, True))
    return transaction


def test_one_entry_for_each_switch(database):
    with database.begin() as (_, store):
        store.set_time_zone(BOSTON)
    transaction = fill(database, "c1", "c2")
    assert switch(transaction, NONE_MISSING, False, "cli:1000", AT) == (2, 0)
    transaction = fill(database, "c1")
    for missing in (NONE_MISSING, LOST):
        with pytest.raises(RebuildError):
            switch(transaction, missing, False, "cli:1000", AT)
    assert len(entries(database)) == 1
    assert switch(transaction, LOST, True, "cli:0", AT) == (1, 2)
    assert entries(database) == [
        ("cli:1000", "measures.rebuilt", "measures:live", {"concerns": 2, "before": 0, "missing_events": 0}),
        ("cli:0", "measures.rebuilt", "measures:live", {"concerns": 1, "before": 2, "missing_events": 1}),
    ]


def test_without_its_entry_there_is_no_switch(database, monkeypatch):
    with database.begin() as (_, store):
        store.set_time_zone(BOSTON)
        monkeypatch.setattr(type(store.audit), "append", lambda *_: 1 / 0)
    transaction = fill(database, "c1")
    with pytest.raises(ZeroDivisionError):
        switch(transaction, NONE_MISSING, False, "cli:1000", AT)
    with database.read() as (_, store):
        assert store.concern_count() == 0
    abandon(transaction)

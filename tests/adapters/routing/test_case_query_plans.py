"""Pages of cases are walked along indexes: no plan sorts, none reads the whole table. Told by the database itself."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from routing_concerns import AT, CITY, HOUR, WEST, said
from sqlalchemy import event, text

from concord_access import Scope
from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_city import Locator
from concord_routing.adapters.repository import SqlStore
from concord_routing.domain.case_opening import open_case
from concord_routing.domain.promise import first_promises
from concord_routing.ports import CaseFilter, DueCursor

CASES = 6000


@pytest.fixture
def database(databases):
    upgrade(databases, "concord_routing")
    opened = Database(databases, SqlStore)
    first = open_case(CITY, said("c"), Locator(CITY).locate_all([WEST])[0], "sealed", "CASE", AT)
    states = ("routed", "acknowledged", "resolved", "closed", "closed", "closed")
    with opened.begin() as (_, store):
        cases = store.add_cases(
            [
                replace(
                    first,
                    case_id=f"CASE{n}",
                    concern_id=f"c{n}",
                    state=states[n % len(states)],
                    team="works" if n % 5 else "patrol-west",
                    silent_at=AT + timedelta(minutes=n),
                    respond_by=None if n % 7 == 0 else AT + timedelta(minutes=n * 37 % 5000),
                )
                for n in range(CASES)
            ]
        )
        store.save_promises([each for case in cases for each in first_promises(case, CITY)])
    with opened.engine.begin() as connection:
        connection.execute(text("INSERT INTO standings SELECT seq, 'missed', 3 FROM cases WHERE seq % 9 = 0"))
        connection.execute(text("ANALYZE"))
    yield opened
    opened.dispose()


def plans(database, look):
    """The database's plan of each statement that `look(store)` asks."""
    asked = []
    explain = "EXPLAIN QUERY PLAN " if database.dialect == "sqlite" else "EXPLAIN "
    with database.engine.connect() as connection:

        def listen(_connection, _cursor, statement, parameters, _context, many):
            if not statement.startswith(("EXPLAIN", "BEGIN")):
                asked.append((statement, parameters[0] if many else parameters))

        event.listen(connection, "before_cursor_execute", listen)
        look(SqlStore(connection))
        return [
            "\n".join(str(row) for row in connection.exec_driver_sql(explain + statement, parameters))
            for statement, parameters in asked
        ]


ROUTED = CaseFilter(state="routed")
OWN = CaseFilter(within=Scope(frozenset({"works"}), None))
"""What an officer of one team sees."""
OWN_OPEN = replace(OWN, is_open=True)
MINE = CaseFilter(assignee="user:1", is_open=True)
MISSED = CaseFilter(promise="missed")
PLACE = DueCursor(AT + timedelta(hours=20), 40)


@pytest.mark.parametrize(
    ("look", "index"),
    [
        (lambda store: store.cases(CaseFilter(), 1500, 50), ("cases_pkey", "INTEGER PRIMARY KEY")),
        (lambda store: store.cases(ROUTED, 1500, 50), ("cases_state", "cases_pkey", "INTEGER PRIMARY KEY")),
        (lambda store: store.cases_by_due(CaseFilter(), None, 50), ("cases_due",)),
        (lambda store: store.cases_by_due(CaseFilter(), PLACE, 50), ("cases_due",)),
        (lambda store: store.cases_by_due(ROUTED, PLACE, 50), ("cases_state_due",)),
        (lambda store: store.cases_by_due(ROUTED, DueCursor(None, 40), 10), ("cases_state_due", "cases_pkey")),
        (lambda store: store.cases_by_due(OWN, PLACE, 50), ("cases_team_due",)),
        (lambda store: store.cases_by_due(OWN, DueCursor(None, 40), 50), ("cases_team_due", "cases_pkey")),
        (lambda store: store.cases_by_due(OWN_OPEN, PLACE, 50), ("cases_open_due",)),
        (lambda store: store.cases(MISSED, 1500, 50), ("standings_pkey", "standings USING INTEGER")),
    ],
)
def test_a_page_is_a_walk_along_an_index(database, look, index):
    found = plans(database, look)
    assert len(found) == 1
    assert any(name in found[0] for name in index), found[0]
    for wasteful in ("Seq Scan", "Sort", "SCAN cases\n", "TEMP B-TREE"):
        assert wasteful not in f"{found[0]}\n", found[0]
    assert unbounded(found[0]) == []


@pytest.mark.parametrize("wanted", [CaseFilter(), ROUTED, OWN, MISSED, replace(MISSED, team="patrol-west")])
def test_a_late_page_begins_where_the_page_before_ended(database, wanted):
    """On both tables, also where every case has a standing."""
    with database.engine.begin() as connection:
        connection.execute(text("INSERT INTO standings SELECT seq, 'missed', 3 FROM cases WHERE seq % 9 > 0"))
        connection.execute(text("ANALYZE"))
    late = CASES // 2
    looks = [
        lambda store: store.cases(wanted, late, 50),
        lambda store: store.cases_by_due(wanted, PLACE, 50),
        lambda store: store.cases_by_due(wanted, DueCursor(None, late), 10),
    ]
    for look in looks:
        found, *others = plans(database, look)
        assert others == []
        for wasteful in ("Seq Scan", "Sort", "TEMP B-TREE"):
            assert wasteful not in found, found
        assert unbounded(found) == [], found


def unbounded(plan):
    """The steps of a plan that read an index from its beginning."""
    if "SEARCH" in plan or "SCAN" in plan:  # SQLite
        return re.findall(r"SCAN .*", plan)
    return re.findall(r"Index (?:Only )?Scan .*\n(?!.*Index Cond)", f"{plan}\n")


def test_what_is_due_is_found_by_an_index_and_the_rest_by_its_key(database):
    first, rest = plans(database, lambda store: store.due_promises(AT + 3 * HOUR, 5))
    assert "promises_wake" in first, first
    for wasteful in ("Seq Scan", "Sort", "SCAN cases\n", "TEMP B-TREE"):
        assert wasteful not in f"{first}\n", first
    assert "promises_pkey" in rest or "PRIMARY KEY" in rest, rest
    for wasteful in ("Seq Scan on promises", "Seq Scan on cases", "SCAN promises", "SCAN cases"):
        assert wasteful not in rest, rest


def test_silent_cases_are_found_by_an_index_and_read_by_their_key(database):
    first, rest = plans(database, lambda store: store.silent_cases(AT + timedelta(days=20), 50))
    assert "cases_silent" in first, first
    for plan in (first, rest):
        for wasteful in ("Seq Scan on cases", "SCAN cases\n"):
            assert wasteful not in f"{plan}\n", plan


def test_what_was_seen_is_written_by_keys(database):
    """However many: PostgreSQL would read all promises to find a thousand."""
    many = [(f"CASE{n}", 1) for n in range(1000)]
    (marked,) = plans(database, lambda store: store.set_promise_states("missed", many))
    (silent,) = plans(database, lambda store: store.clear_silence_timers([(case_id, 3) for case_id, _ in many]))
    assert "promises_pkey" in marked or "PRIMARY KEY" in marked, marked
    assert "cases_case_id_key" in silent or "sqlite_autoindex_cases" in silent, silent
    assert "Seq Scan" not in marked + silent


def test_mine_are_found_along_their_index(database):
    for found in plans(database, lambda store: store.cases_by_due(MINE, PLACE, 50)):
        assert "cases_assignee" in found, found


def test_unanswered_questions_are_found_by_an_index(database):
    first, *rest = plans(database, lambda store: store.unanswered_cases(AT + timedelta(days=20), 50))
    assert "cases_asked" in first, first
    assert rest == [], "nothing waits, so nothing is read"


def test_the_lists_of_a_desk_are_counted_along_indexes(database):
    due, mine, waiting = plans(
        database, lambda store: store.desk_counts("user:1", AT + timedelta(days=1), OWN.within, OWN.within)
    )
    assert "cases_open_due" in due, due
    assert "cases_assignee" in mine, mine
    for plan in (due, mine, waiting):
        for wasteful in ("Seq Scan on cases", "SCAN cases\n"):
            assert wasteful not in f"{plan}\n", plan

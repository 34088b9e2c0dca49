"""The table of transitions: nothing else is possible, and its picture is the one in the documents."""

from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routing_concerns import AT, CITY, HOUR, said

from concord_city import Located
from concord_routing.domain import commands as o
from concord_routing.domain import workflow as w
from concord_routing.domain.case import ROUTED, TRIAGE
from concord_routing.domain.case_opening import open_case
from concord_routing.domain.command_execution import perform
from concord_routing.workflow_diagram import main, mermaid, redrawn

DOCUMENT = Path(__file__).parents[3] / "docs" / "cases.md"
CASE = open_case(CITY, said(), Located("west"), "sealed", "CASE", AT)

states = st.sampled_from(w.STATES)
teams = st.sampled_from([None, *CITY.teams])
words = st.text(min_size=1, max_size=20).filter(str.strip)
orders = st.one_of(
    st.builds(o.Acknowledge),
    st.builds(o.Update, words, st.booleans()),
    st.builds(o.Refer, words, words),
    st.builds(o.Resolve, words),
    st.builds(o.Decline, words, words),
    st.builds(o.Reopen, st.sampled_from(["officer", "resident"])),
    st.builds(o.Reassign, st.sampled_from(list(CITY.teams))),
    st.builds(o.Close),
    st.builds(o.GivePromise, words, st.just(AT + HOUR)),
)


def case_in(state, team="patrol-west"):
    """A case in a state; one in triage never has a team."""
    return replace(CASE, state=state, team=None if state == TRIAGE else team)


@given(states, teams, orders)
def test_only_the_transitions_of_the_table_are_possible(state, team, order):
    if team is None and state in (*w.WITH_TEAM, w.REFERRED, w.RESOLVED):
        team = "works"
    case = case_in(state, team)
    possible = {
        row.target
        for row in w.TABLE
        if (row.source, row.command, row.by) == (state, order.command, w.OFFICER)
        and row.guard.of_case(case)
        and row.guard.of_order(order)
    }
    assert len(possible) <= 1
    assert bool(order.command in w.allowed(case)) == bool(possible)
    if not possible:
        with pytest.raises(w.NotAllowed) as refused:
            perform(case, order, CITY, "operator", AT)
        assert (refused.value.state, refused.value.allowed) == (state, w.allowed(case))
    elif isinstance(order, o.Reassign) and order.team == case.team:
        with pytest.raises(o.BadOrder, match="team"):
            perform(case, order, CITY, "operator", AT)
    else:
        done = perform(case, order, CITY, "operator", AT)
        assert {done.case.state} == possible
        assert (done.entry.before, done.entry.after, done.entry.command) == (state, done.case.state, order.command)
        assert (done.case.version, done.case.sequence) == (case.version + 1, case.sequence + len(done.facts))
        assert done.told in [each.data for each in done.facts]


@given(st.lists(orders, max_size=12))
def test_any_line_of_orders_keeps_a_case_sound(line):
    """Who works on a case is a team, from wherever it came."""
    case = open_case(CITY, said(category="snow"), Located("west"), "sealed", "CASE", AT)
    for order in line:
        try:
            case = perform(case, order, CITY, "operator", AT).case
        except (w.NotAllowed, o.BadOrder):
            continue
        assert case.state in w.STATES
        assert case.state == TRIAGE or case.state in (w.DECLINED, w.CLOSED) or case.team
        assert case.state != TRIAGE or case.team is None


def test_the_table_names_states_and_commands_that_there_are():
    assert {row.source for row in w.TABLE} | {row.target for row in w.TABLE} == set(w.STATES)
    assert {row.command for row in w.TABLE if row.by == w.OFFICER} == set(o.COMMANDS)
    assert {each.command for each in get_args(o.Order)} == {*o.COMMANDS, "withdraw"}
    assert len({(row.source, row.command, row.guard.name) for row in w.TABLE}) == len(w.TABLE)


def test_every_state_can_be_reached_and_can_end():
    reached, ending = {w.RECEIVED}, {w.CLOSED}
    for _ in w.STATES:
        reached |= {row.target for row in w.TABLE if row.source in reached}
        ending |= {row.source for row in w.TABLE if row.target in ending}
    assert reached == ending == set(w.STATES)


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        (TRIAGE, ("decline", "reassign")),
        (ROUTED, ("acknowledge", "update", "promise", "renegotiate", "refer", "resolve", "decline", "reassign")),
        (w.IN_PROGRESS, ("update", "promise", "renegotiate", "refer", "resolve", "decline", "reassign")),
        (w.REFERRED, ("update", "promise", "renegotiate", "resolve", "reopen", "reassign", "close")),
        (w.RESOLVED, ("reopen", "close")),
        (w.CLOSED, ("reopen",)),
        (w.WITHDRAWN, ("close",)),
        (w.RECEIVED, ()),
    ],
)
def test_what_is_allowed(state, allowed):
    assert w.allowed(case_in(state)) == allowed


def test_a_refusal_names_state_and_what_is_allowed():
    with pytest.raises(w.NotAllowed) as refused:
        perform(case_in(w.RESOLVED), o.Acknowledge(), CITY, "operator", AT + HOUR)
    assert (refused.value.state, refused.value.command) == ("resolved", "acknowledge")
    assert refused.value.allowed == ("reopen", "close")


def test_the_picture_in_the_documents_is_that_of_the_table():
    written = DOCUMENT.read_text("utf-8")
    assert redrawn(written) == written, "run: python -m concord_routing.workflow_diagram docs/cases.md"
    arrows = [line for line in mermaid().splitlines() if "-->" in line]
    assert len(arrows) == len(set(arrows)) == len(w.TABLE) + 1


def test_the_picture_is_drawn_into_a_document(tmp_path, capsys):
    document = tmp_path / "cases.md"
    document.write_text("before\n```mermaid\nold\n```\nafter\n")
    assert main([str(document)]) == 0
    assert document.read_text() == f"before\n```mermaid\n{mermaid()}```\nafter\n"
    document.write_text("no picture")
    assert (main([str(document)]), main([])) == (1, 2)
    assert "expected one Mermaid block" in capsys.readouterr().err

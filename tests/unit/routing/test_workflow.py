"""The table of transitions: nothing else is possible, and its picture is the one in the documents."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routing_concerns import AT, CITY, HOUR, said

from concord_city import Located
from concord_routing.domain import case as c
from concord_routing.domain import commands
from concord_routing.domain import workflow as w
from concord_routing.domain.case import ROUTED, TRIAGE
from concord_routing.domain.case_opening import open_case
from concord_routing.domain.command_execution import apply_command
from concord_routing.domain.command_spec import COMMAND_SPECS, InvalidCommand
from concord_routing.workflow_diagram import commands_table, main, mermaid, regenerate

DOCUMENT = Path(__file__).parents[3] / "docs" / "cases.md"
CASE = open_case(CITY, said(), Located("west"), "sealed", "CASE", AT)

states = st.sampled_from(c.STATES)
teams = st.sampled_from([None, *CITY.teams])
words = st.text(min_size=1, max_size=20).filter(str.strip)
orders = st.one_of(
    st.builds(commands.Acknowledge),
    st.builds(commands.Update, words, st.booleans()),
    st.builds(commands.Refer, words, words),
    st.builds(commands.Resolve, words),
    st.builds(commands.Decline, words, words),
    st.builds(commands.Reopen, st.sampled_from(["officer", "resident"])),
    st.builds(commands.Reassign, st.sampled_from(list(CITY.teams))),
    st.builds(commands.Close),
    st.builds(commands.MakePromise, words, st.just(AT + HOUR)),
    st.builds(commands.Assign, st.sampled_from([None, "user:1", "key:night-desk"])),
    st.builds(commands.Note, words),
)


def case_in(state, team="patrol-west"):
    """A case in a state; one in triage never has a team."""
    return replace(CASE, state=state, team=None if state == TRIAGE else team)


@given(states, teams, orders)
def test_only_the_transitions_of_the_table_are_possible(state, team, order):
    if team is None and state in (*c.WITH_TEAM, c.REFERRED, c.RESOLVED):
        team = "works"
    case = case_in(state, team)
    possible = {
        row.target
        for row in w.TRANSITIONS
        if (row.source, row.command, row.by) == (state, order.spec.name, c.OFFICER)
        and row.guard.of_case(case)
        and row.guard.of_command(order)
    }
    assert len(possible) <= 1
    assert bool(order.spec.name in w.allowed_commands(case)) == bool(possible)
    if not possible:
        with pytest.raises(w.TransitionNotAllowed) as refused:
            apply_command(case, order, CITY, "operator", AT)
        assert (refused.value.state, refused.value.allowed) == (state, w.allowed_commands(case))
    elif isinstance(order, commands.Reassign) and order.team == case.team:
        with pytest.raises(InvalidCommand, match="team"):
            apply_command(case, order, CITY, "operator", AT)
    else:
        done = apply_command(case, order, CITY, "operator", AT)
        assert {done.case.state} == possible
        assert (done.entry.before, done.entry.after, done.entry.command) == (state, done.case.state, order.spec.name)
        assert (done.case.version, done.case.sequence) == (case.version + 1, case.sequence + len(done.events))
        assert done.event in [None, *(each.data for each in done.events)]


@given(st.lists(orders, max_size=12))
def test_any_line_of_orders_keeps_a_case_sound(line):
    """Who works on a case is a team, from wherever it came."""
    case = open_case(CITY, said(category="snow"), Located("west"), "sealed", "CASE", AT)
    for order in line:
        try:
            case = apply_command(case, order, CITY, "operator", AT).case
        except (w.TransitionNotAllowed, InvalidCommand):
            continue
        assert case.state in c.STATES
        assert case.state == TRIAGE or case.state in (c.DECLINED, c.CLOSED) or case.team
        assert case.state != TRIAGE or case.team is None


def test_the_table_names_states_and_commands_that_there_are():
    assert {row.source for row in w.TRANSITIONS} | {row.target for row in w.TRANSITIONS} == set(c.STATES)
    assert {row.command for row in w.TRANSITIONS if row.by == c.OFFICER} == set(commands.OFFICER_COMMANDS)
    by_others = {"withdraw", "answer", "close_unrouted", "reopen_imported", "hand_over", "relocate"}
    assert set(COMMAND_SPECS) == {*commands.OFFICER_COMMANDS, *by_others}
    assert len({(row.source, row.command, row.guard.name) for row in w.TRANSITIONS}) == len(w.TRANSITIONS)


def test_every_state_can_be_reached_and_can_end():
    reached, ending = {c.RECEIVED}, {c.CLOSED}
    for _ in c.STATES:
        reached |= {row.target for row in w.TRANSITIONS if row.source in reached}
        ending |= {row.source for row in w.TRANSITIONS if row.target in ending}
    assert reached == ending == set(c.STATES)


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        (TRIAGE, ("decline", "reassign", "note")),
        (
            ROUTED,
            (
                "acknowledge",
                "update",
                "promise",
                "renegotiate",
                "refer",
                "resolve",
                "decline",
                "reassign",
                "assign",
                "note",
            ),
        ),
        (
            c.IN_PROGRESS,
            ("update", "promise", "renegotiate", "refer", "resolve", "decline", "reassign", "assign", "note"),
        ),
        (c.REFERRED, ("update", "promise", "renegotiate", "resolve", "reopen", "reassign", "close", "assign", "note")),
        (c.RESOLVED, ("reopen", "close", "note")),
        (c.CLOSED, ("reopen", "note")),
        (c.WITHDRAWN, ("close", "note")),
        (c.RECEIVED, ()),
    ],
)
def test_what_is_allowed(state, allowed):
    assert w.allowed_commands(case_in(state)) == allowed


def test_a_refusal_names_state_and_what_is_allowed():
    with pytest.raises(w.TransitionNotAllowed) as refused:
        apply_command(case_in(c.RESOLVED), commands.Acknowledge(), CITY, "operator", AT + HOUR)
    assert (refused.value.state, refused.value.command) == ("resolved", "acknowledge")
    assert refused.value.allowed == ("reopen", "close", "note")


def test_the_picture_and_the_table_in_the_documents_are_those_of_the_specs():
    written = DOCUMENT.read_text("utf-8")
    assert regenerate(written) == written, "run: python -m concord_routing.workflow_diagram docs/cases.md"
    arrows = [line for line in mermaid().splitlines() if "-->" in line]
    assert len(arrows) == len(set(arrows)) == len(w.TRANSITIONS) + 1


def test_the_picture_is_drawn_into_a_document(tmp_path, capsys):
    document = tmp_path / "cases.md"
    document.write_text("before\n```mermaid\nold\n```\nafter\n\n| command |\n| old |\n\nend\n")
    assert main([str(document)]) == 0
    assert document.read_text() == f"before\n```mermaid\n{mermaid()}```\nafter\n\n{commands_table()}\nend\n"
    document.write_text("no picture")
    assert (main([str(document)]), main([])) == (1, 2)
    assert "expected one part ```mermaid" in capsys.readouterr().err

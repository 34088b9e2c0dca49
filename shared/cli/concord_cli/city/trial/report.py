"""The result of `concord city try` as text and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from concord_city.domain.comparison import Shift
from concord_city.domain.comparison_counts import ComparisonCounts, Group, GroupCounts, PromiseKind
from concord_cli.common.terminal_text import counted, plain, table
from concord_cli.records import RefusedRow

MAX_MOVES = 20
"""Moves in the text; JSON has all."""
TRIAGE = "(a person)"
KINDS: tuple[PromiseKind, ...] = get_args(PromiseKind)
SHIFTS: tuple[Shift, ...] = get_args(Shift)
PROMISE_HEAD = ("acknowledge earlier", "acknowledge later", "respond earlier", "respond later")


@dataclass(frozen=True, slots=True)
class Trial:
    """The two folders, the counts, the records without a time, and the refused rows."""

    now: Path
    new: Path
    counts: ComparisonCounts
    without_time: int = 0
    refused: int = 0
    first_refused: Sequence[RefusedRow] = ()


def to_json(trial: Trial) -> dict[str, Any]:
    """Return all counts. `null` as an area or a team stands for concerns without one, which a person decides."""
    counts = trial.counts
    return {
        "now": str(trial.now),
        "new": str(trial.new),
        "concerns": counts.concerns,
        "changed": counts.changed,
        "elsewhere": counts.elsewhere,
        "without_time": trial.without_time,
        "refused": trial.refused,
        "promises": _shifts_json(counts.promises),
        "moves": [{"from": now, "to": new, "concerns": number} for now, new, number in _moves_by_size(counts)],
        "areas": _groups_json("area", counts.areas),
        "teams": _groups_json("team", counts.teams),
    }


def to_text(trial: Trial) -> str:
    """Return the sums in sentences, then a table of moves, of areas and of teams. Unchanged groups have no row."""
    counts = trial.counts
    parts = [
        "\n".join(_summary(trial)),
        _moves(counts) if counts.moves else "",
        _groups("area", counts.areas),
        _groups("team", counts.teams),
    ]
    return "\n\n".join(part for part in parts if part)


def _summary(trial: Trial) -> Iterator[str]:
    counts = trial.counts
    yield f"{counted(counts.concerns, 'concern')}: {counts.elsewhere:,} would go elsewhere, {counts.changed:,} change."
    for kind in KINDS:
        numbers = ", ".join(f"{counts.promises[kind, shift]:,} {shift}" for shift in SHIFTS)
        yield f"Promised {kind}: {numbers}."
    if trial.without_time:
        yield f"{counted(trial.without_time, 'record')} without a time: counted as reported now."
    if trial.refused:
        yield f"{counted(trial.refused, 'row')} refused: left out."
        yield from (plain(f"  {row}") for row in trial.first_refused)


def _moves(counts: ComparisonCounts) -> str:
    rows = [(_name(now), _name(new), f"{number:,}") for now, new, number in _moves_by_size(counts)[:MAX_MOVES]]
    more = len(counts.moves) - MAX_MOVES
    last = [] if more <= 0 else [f"… and {counted(more, 'move')} more; --json lists all."]
    return "\n".join([table([("from team", "to team", "concerns"), *rows]), *last])


def _moves_by_size(counts: ComparisonCounts) -> list[tuple[Group, Group, int]]:
    """The largest first; among equal ones by code."""
    moves = [(now, new, number) for (now, new), number in counts.moves.items()]
    return sorted(moves, key=lambda move: (-move[2], move[0] or "", move[1] or ""))


def _groups(what: str, groups: Mapping[Group, GroupCounts]) -> str:
    """Return the table of the groups with a change; empty text without any."""
    rows = [_row(name, group) for name, group in _in_order(groups) if _has_changed(group)]
    return table([(what, "now", "new", "leaving", "arriving", *PROMISE_HEAD), *rows]) if rows else ""


def _row(name: Group, group: GroupCounts) -> tuple[str, ...]:
    numbers = (group.now, group.new, group.leaving, group.arriving)
    shifts = (group.promises[kind, shift] for kind in KINDS for shift in SHIFTS[:2])
    return (_name(name), *(f"{number:,}" for number in (*numbers, *shifts)))


def _has_changed(group: GroupCounts) -> bool:
    return bool(group.leaving or group.arriving or group.promises)


def _groups_json(what: str, groups: Mapping[Group, GroupCounts]) -> list[dict[str, Any]]:
    return [
        {
            what: name,
            "now": group.now,
            "new": group.new,
            "leaving": group.leaving,
            "arriving": group.arriving,
            "promises": _shifts_json(group.promises),
        }
        for name, group in _in_order(groups)
    ]


def _shifts_json(shifts: Mapping[tuple[PromiseKind, Shift], int]) -> dict[str, dict[str, int]]:
    return {kind: {shift: shifts.get((kind, shift), 0) for shift in SHIFTS} for kind in KINDS}


def _in_order(groups: Mapping[Group, GroupCounts]) -> list[tuple[Group, GroupCounts]]:
    """By code; the concerns without one are last."""
    return sorted(groups.items(), key=lambda item: (item[0] is None, item[0] or ""))


def _name(group: Group) -> str:
    return TRIAGE if group is None else plain(group)

"""Endpoints and deliveries for a person. What others wrote (names, URLs, codes) cannot steer the terminal."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from concord_cli.common.terminal_text import plain

Row = Mapping[str, Any]


def say(answer: Any, as_json: bool, lines: Sequence[str]) -> None:
    click.echo(json.dumps(answer, indent=2) if as_json else "\n".join(lines))


def state_of(row: Row) -> str:
    """`active`, `active, failing`, `disabled (gone)`."""
    if row["why"]:
        return f"{row['state']} ({row['why']})"
    return f"{row['state']}, failing" if row["failing"] else str(row["state"])


def table(rows: Sequence[Row]) -> list[str]:
    if not rows:
        return ["There is no endpoint yet: concord webhook add --help"]
    head = f"{'NAME':<20}  {'STATE':<22}  {'ID':<19}  URL"
    return [head, *(f"{plain(r['name']):<20}  {state_of(r):<22}  {r['id']:<19}  {plain(r['url'])}" for r in rows)]


def whole(row: Row) -> list[str]:
    facts = {
        "id": row["id"],
        "url": row["url"],
        "state": state_of(row),
        "types": ", ".join(row["types"]),
        "areas": _codes(row["areas"]),
        "categories": _codes(row["categories"]),
        "contact": row["contact"] or "none",
        "secrets": f"{row['secrets']} live",
        "added": row["created_at"],
        "disabled": row["disabled_at"] or "no",
        "failing": f"{row['failing']} attempts in a row" if row["failing"] else "no",
    }
    return [f"Webhook endpoint {plain(row['name'])}", *(f"  {name:<11} {plain(str(v))}" for name, v in facts.items())]


def delivery_table(page: Mapping[str, Any]) -> list[str]:
    rows = page["deliveries"]
    if not rows:
        return ["Nothing."]
    lines = [f"{'QUEUED (UTC)':<20}  {'EVENT':<32}  {'TRIES':>5}  {'REASON':<10}  {'LAST':<16}  TYPE"]
    lines += [
        f"{r['queued_at'][:19]:<20}  {plain(r['event_id']):<32}  {r['attempts']:>5}  {r['reason'] or r['state']:<10}  "
        f"{plain(r['result'] or '-'):<16}  {plain(r['event_type'])}"
        for r in rows
    ]
    if page["next"]:
        lines.append(f"More: repeat with --after {page['next']}")
    return lines


def _codes(codes: Sequence[str] | None) -> str:
    return "every one" if codes is None else ", ".join(codes)

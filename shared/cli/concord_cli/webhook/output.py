"""Endpoints and deliveries as text. Names, URLs and codes from outside cannot steer the terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from concord_cli.common.terminal_text import plain

Row = Mapping[str, Any]


def state_of(row: Row) -> str:
    """Return `active`, `active, failing` or, with the reason, `disabled (gone)`."""
    if row["why"]:
        return f"{row['state']} ({row['why']})"
    return f"{row['state']}, failing" if row["failing"] else str(row["state"])


def endpoint_table(rows: Sequence[Row]) -> str:
    if not rows:
        return "No endpoints yet: see concord webhook add --help"
    lines = [f"{'NAME':<20}  {'STATE':<22}  {'ID':<19}  URL"]
    lines += [f"{plain(row['name']):<20}  {state_of(row):<22}  {row['id']:<19}  {plain(row['url'])}" for row in rows]
    return "\n".join(lines)


def endpoint_text(row: Row) -> str:
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
    lines = (f"  {name:<11} {plain(str(value))}" for name, value in facts.items())
    return "\n".join([f"Webhook endpoint {plain(row['name'])}", *lines])


def delivery_table(page: Mapping[str, Any]) -> str:
    rows = page["deliveries"]
    if not rows:
        return "No deliveries."
    lines = [f"{'QUEUED (UTC)':<20}  {'EVENT':<32}  {'TRIES':>5}  {'REASON':<10}  {'LAST':<16}  TYPE"]
    for row in rows:
        reason, result = row["reason"] or row["state"], plain(row["result"] or "-")
        lines.append(
            f"{row['queued_at'][:19]:<20}  {plain(row['event_id']):<32}  {row['attempts']:>5}  {reason:<10}  "
            f"{result:<16}  {plain(row['event_type'])}"
        )
    if page["next"]:
        lines.append(f"More: repeat with --after {page['next']}")
    return "\n".join(lines)


def _codes(codes: Sequence[str] | None) -> str:
    return "all" if codes is None else ", ".join(codes)

"""`concord audit verify`."""

import json
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

import click
from sqlalchemy import inspect

from concord_access.adapters.sql.audit_tables import audit_entries
from concord_access.audit import Finding, Head, MemoryAudit, SqlAudit, Verifier, verify_log
from concord_cli.audit.target import Wanted, no_audit, wanted
from concord_cli.common.errors import UsageError
from concord_cli.token.options import as_json
from concord_cli.token.target import opened

SHOWN = 20
"""Findings told of one chain; those of a chain that is broken throughout would fill the screen."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found out about one chain; `kept` is False for a database without an audit."""

    chain: str
    kept: bool
    head: Head
    findings: list[Finding]


class HeadType(click.ParamType[Head]):
    """`COUNT:HASH`, as an earlier check printed it."""

    name = "count:hash"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Head:
        try:
            return value if isinstance(value, Head) else Head.parse(str(value))
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)


@click.command()
@wanted
@click.option("--expect", type=HeadType(), help="Head that was printed earlier and kept elsewhere.")
@as_json
@click.pass_context
def verify(context: click.Context, wanted: Wanted, expect: Head | None, json_wanted: bool) -> None:
    """Check that no entry was changed, taken out, moved or put in.

    Prints the head of each chain, COUNT:HASH. Keep it on another machine: with --expect the next check also finds a
    chain that was cut off at its end or made anew as a whole.

    Exit code: 0 when every chain is whole, 1 with the line of each fault when one is not, 2 for a wrong call.

    \b
    Examples:
      concord audit verify
      concord audit verify --service routing --expect 412:9f2c...
      concord audit verify --json --database "$CONCORD_DATABASE_URL"
    """
    if expect is not None and wanted.several:
        raise UsageError("--expect needs --service or --database: each chain has a head of its own.")
    verdicts = [checked(each.name, each.url, expect) for each in wanted.chains()]
    if not any(each.kept or each.findings for each in verdicts):
        raise no_audit()
    for verdict in [] if json_wanted else verdicts:
        click.echo(_as_lines(verdict))
    if json_wanted:
        click.echo(json.dumps([_as_json(each) for each in verdicts], indent=2))
    context.exit(1 if any(each.findings for each in verdicts) else 0)


def checked(chain: str, url: str, expect: Head | None) -> Verdict:
    """Read one chain from end to end. Raises UsageError or Failed for a database that cannot be used."""
    with opened(url, writing=False) as connection:
        kept = inspect(connection).has_table(audit_entries.name)
        verifier = Verifier(expect)
        found = verify_log(SqlAudit(connection) if kept else MemoryAudit(), verifier)
        findings = list(islice(found, SHOWN))
        for _ in found:  # to the end, for the head
            pass
    return Verdict(chain, kept, verifier.head, findings)


def _as_lines(verdict: Verdict) -> str:
    if verdict.findings:
        told = [f"{verdict.chain}: {each}" for each in verdict.findings]
        return "\n".join([*told, f"{verdict.chain}: BROKEN. Head {verdict.head}"])
    if not verdict.kept:
        return f"{verdict.chain}: no audit"
    return f"{verdict.chain}: {verdict.head.count} entries, whole. Head {verdict.head}"


def _as_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "chain": verdict.chain,
        "audit": verdict.kept,
        "whole": not verdict.findings,
        "count": verdict.head.count,
        "head": str(verdict.head),
        "findings": [asdict(each) for each in verdict.findings],
    }

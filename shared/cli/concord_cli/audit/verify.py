"""`concord audit verify`."""

from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

import click

from concord_access.audit import Finding, Head, SqlAudit, Verifier, verify_log
from concord_cli.audit.target import Chain, Target, has_audit, no_audit, target_options
from concord_cli.common.errors import UsageError
from concord_cli.common.options import JSON
from concord_cli.common.service_database import open_connection
from concord_cli.common.terminal_text import echo

MAX_FINDINGS = 20
"""Findings per chain in the output; a chain can have one in each entry."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Result for one chain; `exists` is False for a database without an audit."""

    chain: str
    exists: bool
    head: Head
    findings: list[Finding]


class HeadParam(click.ParamType[Head]):
    """`COUNT:HASH`, as an earlier verification printed it."""

    name = "count:hash"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Head:
        try:
            return value if isinstance(value, Head) else Head.parse(str(value))
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)


@click.command()
@target_options
@click.option("--expect", type=HeadParam(), help="Head from an earlier verification.")
@JSON
@click.pass_context
def verify(context: click.Context, target: Target, expect: Head | None, as_json: bool) -> None:
    """Verify the audit chains.

    The command finds changed, missing, moved and inserted entries. The output contains the head of each chain,
    COUNT:HASH. Store it on another machine. With --expect the next verification also detects a chain with a missing
    end, and a chain made from scratch.

    Exit code: 0 if every chain is intact, 1 if one is not, 2 for a usage error.

    \b
    Examples:
      concord audit verify
      concord audit verify --service routing --expect 412:9f2c...
      concord audit verify --json --database "$CONCORD_DATABASE_URL"
    """
    if expect is not None and target.has_many_chains:
        raise UsageError("--expect needs --service or --database: each chain has its own head.")
    verdicts = [verify_chain(chain, expect) for chain in target.chains()]
    if not any(verdict.exists or verdict.findings for verdict in verdicts):
        raise no_audit()
    echo([_to_json(verdict) for verdict in verdicts], "\n".join(map(_to_text, verdicts)), as_json=as_json)
    context.exit(1 if any(verdict.findings for verdict in verdicts) else 0)


def verify_chain(chain: Chain, expect: Head | None) -> Verdict:
    """Read one chain from start to end. Raises UsageError or ClickException for an unusable database."""
    with open_connection(chain.url, writing=False) as connection:
        exists = has_audit(connection)
        verifier = Verifier(expect)
        found = verify_log(SqlAudit(connection), verifier) if exists else verifier.end()
        findings = list(islice(found, MAX_FINDINGS))
        for _ in found:  # to the end, for the head
            pass
    return Verdict(chain.name, exists, verifier.head, findings)


def _to_text(verdict: Verdict) -> str:
    if verdict.findings:
        lines = [f"{verdict.chain}: {finding}" for finding in verdict.findings]
        return "\n".join([*lines, f"{verdict.chain}: BROKEN. Head {verdict.head}"])
    if not verdict.exists:
        return f"{verdict.chain}: no audit"
    return f"{verdict.chain}: {verdict.head.count} entries, whole. Head {verdict.head}"


def _to_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "chain": verdict.chain,
        "audit": verdict.exists,
        "whole": not verdict.findings,
        "count": verdict.head.count,
        "head": str(verdict.head),
        "findings": [asdict(finding) for finding in verdict.findings],
    }

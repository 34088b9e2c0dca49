"""Code works on its own schema, and on a newer one that says so; an older one is to be migrated."""

import pytest

from concord_bus.domain.schema import SchemaState, Verdict, judge, refusal

KNOWN = ["0001", "0002", "0003"]


@pytest.mark.parametrize(
    ("current", "works_from", "verdict"),
    [
        (None, None, Verdict.OLDER),
        ("0001", None, Verdict.OLDER),
        ("0003", None, Verdict.SERVE),
        ("0004", "0003", Verdict.SERVE),
        ("0007", "0002", Verdict.SERVE),
        ("0005", "0004", Verdict.INCOMPATIBLE),
        ("0004", None, Verdict.INCOMPATIBLE),
    ],
)
def test_the_verdict(current: str | None, works_from: str | None, verdict: Verdict) -> None:
    assert judge(SchemaState("it", current, works_from), KNOWN) is verdict


def test_a_refusal_names_both_versions_and_what_to_do() -> None:
    assert refusal(SchemaState("the schema of x", "0005", "0004"), KNOWN) == (
        "a newer version has migrated the schema of x to 0005, which needs code from 0004 on, "
        "and this version has 0003: run the newer version, or restore the backup from before"
    )

"""Who runs a command stands in the audit by number, and what is no number is not taken for one."""

import os

import pytest

from concord_cli.common.audit_actor import actor


@pytest.mark.parametrize(
    ("before", "named"),
    [
        (None, f"cli:{os.getuid()}"),
        ("1000", "cli:1000"),
        ("", f"cli:{os.getuid()}"),
        ("ana@example.org", f"cli:{os.getuid()}"),
        ("9" * 300, f"cli:{os.getuid()}"),
    ],
)
def test_the_account_before_sudo(monkeypatch, before, named):
    monkeypatch.delenv("SUDO_UID", raising=False)
    if before is not None:
        monkeypatch.setenv("SUDO_UID", before)
    assert actor() == named

"""A few kills during the import; `tests/chaos` does many."""

import os
import random
from pathlib import Path

from .running import PLACEHOLDERS, RECORDS, Up, kill_at_random, left_over, mails


def test_three_kills_during_the_import_end_with_the_same_table(tmp_path: Path) -> None:
    seed = int(os.environ.get("CONCORD_CHAOS_SEED") or random.SystemRandom().randrange(10**6))
    print(f"CONCORD_CHAOS_SEED={seed}")
    home = tmp_path / "home"
    with Up(home) as up:
        up.await_line("Taking in")
        killed = kill_at_random(up, 3, random.Random(seed), gaps=(0.1, 1.0))
        account = up.account()
    assert len(killed) == 3, (seed, killed)
    assert sum(account["restarts"].values()) >= 3
    assert account["taken_in"] == account["measured"] == RECORDS, (seed, account)
    assert account["unroutable_by_reason"] == {"placeholder": PLACEHOLDERS}
    assert account["contacts"] == account["notified"] == RECORDS // 5
    assert account["agreement"]["without_placeholder"]["percent"] >= 99
    assert left_over(account) == {}
    assert RECORDS // 5 <= len(mails(home)) <= RECORDS // 5 + account["notifications_uncertain"]

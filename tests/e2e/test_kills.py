"""A few kills during the import; `tests/chaos` does many."""

import os
import random
from pathlib import Path

from .running import PLACEHOLDERS, RECORDS, SAMPLE, Up, kill_at_random, left_over, mails, several

TIMES = 5
"""The sample so many times over: the import must still go on when the last kill comes."""


def test_three_kills_during_the_import_end_with_the_same_table(tmp_path: Path) -> None:
    seed = int(os.environ.get("CONCORD_CHAOS_SEED") or random.SystemRandom().randrange(10**6))
    print(f"CONCORD_CHAOS_SEED={seed}")
    home, records = tmp_path / "home", several(SAMPLE, TIMES, tmp_path / "records.csv")
    city = SAMPLE.parent / "city"
    with Up(home, "--city", str(city), "--records", str(records)) as up:
        up.await_line("Importing")
        killed = kill_at_random(up, 3, random.Random(seed), gaps=(0.1, 1.0))
        account = up.account()
    total = RECORDS * TIMES
    assert len(killed) == 3, (seed, killed)
    assert sum(account["restarts"].values()) >= 3
    assert account["taken_in"] == account["measured"] == total, (seed, account)
    assert account["unroutable_by_reason"] == {"placeholder": PLACEHOLDERS * TIMES}
    assert account["contacts"] == account["notified"] == total // 5
    assert account["agreement"]["without_placeholder"]["percent"] >= 99
    assert left_over(account) == {}
    assert total // 5 <= len(mails(home)) <= total // 5 + account["notifications_uncertain"]

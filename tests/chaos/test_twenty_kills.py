"""`kill -9` of random services and of the broker, twenty times during one import: the table is the same.

CONCORD_CHAOS_SEED=n repeats the choices of a run that printed n.
"""

import os
import random
from collections import Counter
from pathlib import Path

from ..e2e.running import (  # noqa: TID252 - the same driver
    PLACEHOLDERS,
    RECORDS,
    SAMPLE,
    Up,
    kill_at_random,
    left_over,
    mails,
    several,
)

KILLS = 20
TIMES = 20


def test_twenty_kills_end_with_the_same_table(tmp_path: Path) -> None:
    seed = int(os.environ.get("CONCORD_CHAOS_SEED") or random.SystemRandom().randrange(10**6))
    print(f"CONCORD_CHAOS_SEED={seed}")
    home, records = tmp_path / "home", several(SAMPLE, TIMES, tmp_path / "records.csv")
    city = SAMPLE.parent / "city"
    with Up(home, "--city", str(city), "--records", str(records), "--timeout", "1800") as up:
        up.await_line("Importing")
        killed = kill_at_random(up, KILLS, random.Random(seed), gaps=(0.2, 3.0))
        account = up.account(1800)
    print(
        f"killed {dict(Counter(killed))}; {account['seconds']} s; perhaps twice: {account['notifications_uncertain']}"
    )
    total = RECORDS * TIMES
    assert len(killed) == KILLS, (seed, killed)
    assert account["records"] == account["taken_in"] == account["measured"] == total, (seed, account)
    assert account["unroutable_by_reason"] == {"placeholder": PLACEHOLDERS * TIMES}
    assert account["contacts"] == account["notified"] == total // 5
    assert account["agreement"]["without_placeholder"]["percent"] >= 99
    assert left_over(account) == {}
    assert total // 5 <= len(mails(home)) <= total // 5 + account["notifications_uncertain"]

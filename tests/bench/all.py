"""Every benchmark, one after the other, and one table at the end."""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence

from figures import HERE, Figure, from_json, run, say

SCRIPTS = (
    *("routing_hop", "promises", "case_list", "intake", "whole_way", "webhooks"),
    *("memory", "startup", "replay", "subscriber", "ops_page"),
)
SECONDS = 1_200


def measure(options: argparse.Namespace) -> Sequence[Figure]:
    passed = [f"--{name}" for name in ("postgres", "quick") if getattr(options, name)]
    found: list[Figure] = []
    for script in SCRIPTS:
        say(f"{script} …")
        command = [sys.executable, str(HERE / f"{script}.py"), "--json", *passed]
        done = subprocess.run(command, stdout=subprocess.PIPE, timeout=SECONDS, check=False)
        if done.returncode:
            say(f"  {script} broke off (exit code {done.returncode}); its figures are missing")
            continue
        found += from_json(json.loads(done.stdout))
    return found


if __name__ == "__main__":
    run("Speed and memory", measure, __doc__)

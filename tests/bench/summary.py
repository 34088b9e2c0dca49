"""A summary of metrics over all its concerns: how long the first answer takes, and what the service has in RAM then.

The sample's records over and over, in a half year, put straight into the database. Metrics answers nothing else in the
meantime, because a service has one thread. It keeps the result until new events arrive.
"""

import argparse
import sys
import time
from collections.abc import Sequence

from figures import Figure, run, say
from programs import get, peak_mib
from stage import ROOT, Stage, stage

sys.path.insert(0, str(ROOT / "tests" / "browser"))
from half_year import ZONE, fill

CONCERNS = (25_000, 50_000)
PATH = "/v1/summary?from=2015-01-01&to=2015-06-30"


def answered(on: Stage, concerns: int) -> list[Figure]:
    """Ask a new process once."""
    url = on.database("metrics")
    fill(url, concerns)
    with (
        on.broker() as broker,
        on.service("metrics", broker, CONCORD_DATABASE_URL=url, CONCORD_TIME_ZONE=str(ZONE)) as metrics,
    ):
        metrics.await_ready()
        cpu, begun = metrics.cpu, time.monotonic()
        status, _ = get(metrics.port, PATH)
        seconds, spent = time.monotonic() - begun, metrics.cpu - cpu
        if status != 200:
            raise RuntimeError(f"no summary of {concerns:,} concerns: {status}")
        say(f"  {concerns:,} concerns: {seconds:.1f} s")
        return [
            Figure(f"summary of {concerns:,} concerns, CPU", spent, "s", note=f"{seconds:.2f} s until the answer"),
            Figure(f"summary of {concerns:,} concerns, peak of metrics", peak_mib(metrics.pid), "MiB"),
        ]


def measure(options: argparse.Namespace) -> Sequence[Figure]:
    with stage(postgres=options.postgres) as on:
        return [each for count in ((2_000,) if options.quick else CONCERNS) for each in answered(on, count)]


if __name__ == "__main__":
    run("Summary of metrics", measure, __doc__)

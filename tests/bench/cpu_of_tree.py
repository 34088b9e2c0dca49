"""CPU per concern of one checkout, with that checkout's own benchmarks and packages.

Argument: the checkout's folder. Prints JSON: the name of a way → microseconds of CPU per concern, service and broker
together. `compare.py` runs this with the Python of each checkout.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(sys.argv[1]).resolve() / "tests" / "bench"))

import intake
import routing_hop
import whole_way
from platform_parts import platform
from stage import stage

HOP = 12_000
POST_SECONDS = 4.0
LINES = 10_000
CONCERNS = 4_000


def measure() -> dict[str, float]:
    """Run the three ways once each, on SQLite."""
    with stage(postgres=False) as on:
        hop = routing_hop.ours(on, HOP)
        posts = intake.ours(on, POST_SECONDS, LINES, all_modes=True)
        with platform(on) as parts:
            whole_way.paced(parts, 2.0)  # first uses of code and connections
            figures = whole_way.batch(parts, CONCERNS)
    whole = sum(figure.value for figure in figures if figure.name.startswith("whole way, CPU of"))
    return {
        "routing hop": hop.cpu_us + hop.parts_us,
        "intake, single POSTs": posts["cpu_us"] + posts["parts_us"],
        "intake, a batch": posts["batch_cpu_us"],
        "whole way": whole,
    }


if __name__ == "__main__":
    print(json.dumps(measure()))

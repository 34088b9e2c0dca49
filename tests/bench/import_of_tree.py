"""Cost of `concord import --history` with one checkout's own packages.

Arguments: the checkout's folder, the CSV file, its number of records, and `postgres` or `sqlite`. Prints JSON: seconds
until the command ended and until all ledgers agreed, the command's peak memory in MiB, and the CPU of each
part in microseconds per concern. `import_history.py` runs this with the Python of each checkout.
"""

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(sys.argv[1]).resolve() / "tests" / "bench"))

from platform_parts import Platform, platform
from programs import peak_mib, plain_environment
from stage import stage

PATIENCE = 1_800.0
LOOK_SECONDS = 0.1
LEDGER_SECONDS = 0.5


def command(parts: Platform, records: Path) -> list[str]:
    """What an operator types."""
    url = f"http://127.0.0.1:{parts.intake.port}"
    arguments = ["import", "--history", "--intake", url, "--source", "bench", "--json", str(records)]
    return [sys.executable, "-W", "ignore", "-m", "concord_cli", *arguments]


def imported(told: list[str], folder: Path, token: str) -> tuple[float, float]:
    """CPU seconds and peak memory in MiB of the command. Raises CalledProcessError.

    It runs in a `folder` of its own: earlier versions note there what they have imported.
    """
    environment = plain_environment() | {"CONCORD_TOKEN": token}
    with subprocess.Popen(
        told, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment, cwd=folder
    ) as child:
        peak = watched(child.pid)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        assert child.stderr is not None
        if child.returncode:
            raise subprocess.CalledProcessError(child.returncode, told, stderr=child.stderr.read())
    return used.ru_utime + used.ru_stime, peak


def watched(pid: int) -> float:
    """The child's peak memory in MiB, until it ends. `ru_maxrss` would hold that of its parent too."""
    peak = 0.0
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        with suppress(OSError):
            peak = max(peak, peak_mib(pid))
        time.sleep(LOOK_SECONDS)
    return peak


def await_agreement(parts: Platform, number: int) -> float:
    """The moment when nothing is missing any more. Raises RuntimeError if something still is after PATIENCE.

    A service with one thread may answer late, in the middle of a large batch: then look again.
    """
    deadline, missing = time.monotonic() + PATIENCE, "no service answers"
    while time.monotonic() < deadline:
        with suppress(ValueError):
            moment, _, gaps = parts.await_accounted(number, 0)
            if not gaps:
                return moment
            missing = "; ".join(gap.text for gap in gaps)
        time.sleep(LEDGER_SECONDS)
    raise RuntimeError(missing)


def measure(records: Path, number: int, *, postgres: bool) -> dict[str, object]:
    """Import the file once into the four services. Raises RuntimeError if their ledgers still disagree at the end."""
    with stage(postgres=postgres) as on, platform(on) as parts:
        before, begun = parts.cpu(), time.monotonic()
        cpu, peak = imported(command(parts, records), on.folder, on.ops_token)
        sent = time.monotonic() - begun
        ended = await_agreement(parts, number)
        spent = {"CLI": cpu} | {name: seconds - before[name] for name, seconds in parts.cpu().items()}
    return {
        "sent": sent,
        "seconds": ended - begun,
        "peak": peak,
        "cpu": {name: seconds / number * 1e6 for name, seconds in spent.items()},
    }


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[2]), int(sys.argv[3]), postgres=sys.argv[4] == "postgres")))

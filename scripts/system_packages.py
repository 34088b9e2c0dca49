"""Parts that come from the system's packages: found, installed where this user may, or named in one sentence."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# Run by root. Packages of servers start one at once; Concord runs private ones. The policy file keeps the
# system's from starting now, the disabled unit from starting at the next boot.
INSTALL = """
set -e
policy=/usr/sbin/policy-rc.d
cluster=/etc/postgresql-common/createcluster.conf
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\\nexit 101\\n' >"$policy"
    chmod 755 "$policy"
fi
if [ ! -e "$cluster" ]; then
    mkdir -p "${cluster%/*}"
    echo 'create_main_cluster = false' >"$cluster"
fi
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
said=$(apt-get update -qq 2>&1 &&
    apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold "$1" 2>&1) ||
    { echo "$said" >&2; exit 1; }
if [ -d /run/systemd/system ]; then
    systemctl disable --quiet "$2" 2>/dev/null || true
fi
"""


class CannotInstall(Exception):
    """The part is missing and cannot be installed from here; the text says what to do."""


@dataclass(frozen=True)
class Part:
    name: str
    package: str
    unit: str
    present: Callable[[], bool]


def _has_rabbitmq() -> bool:
    places = ("/usr/lib/rabbitmq/bin", "/opt/rabbitmq/sbin", "/usr/local/sbin", "/usr/sbin")
    return bool(shutil.which("rabbitmq-server")) or any(Path(p, "rabbitmq-server").exists() for p in places)


def _has_postgresql() -> bool:
    return any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or bool(shutil.which("initdb"))


def _has_venv() -> bool:
    return all(importlib.util.find_spec(module) for module in ("venv", "ensurepip"))


def _has_chromium() -> bool:
    return bool(shutil.which("chromium") or shutil.which("chromium-browser"))


def _has_prometheus() -> bool:
    return bool(shutil.which("prometheus") and shutil.which("promtool"))


def _has_npm() -> bool:
    return bool(shutil.which("node") and shutil.which("npm"))


PARTS = {
    "rabbitmq": Part("RabbitMQ", "rabbitmq-server", "rabbitmq-server.service", _has_rabbitmq),
    "postgresql": Part("PostgreSQL", "postgresql", "postgresql.service", _has_postgresql),
    "chromium": Part("Chromium", "chromium", "", _has_chromium),
    "prometheus": Part("Prometheus", "prometheus", "prometheus.service", _has_prometheus),
    "npm": Part("Node.js with npm", "npm", "", _has_npm),
    "venv": Part("Python's venv module", "python3-venv", "", _has_venv),
}


def require(name: str) -> None:
    """Install the part if it is missing. Raises CannotInstall when this user may not, or apt fails."""
    part = PARTS[name]
    if part.present():
        return
    as_root = _prefix_for_root()
    if as_root is None:
        raise CannotInstall(
            f"{part.name} is missing: install it, on Debian or Ubuntu with 'apt-get install {part.package}'."
        )
    print(f"Installing {part.name} from the system's packages", file=sys.stderr, flush=True)
    done = subprocess.run([*as_root, "sh", "-c", INSTALL, "install", part.package, part.unit or "-"])
    importlib.invalidate_caches()
    if done.returncode or not part.present():
        raise CannotInstall(
            f"{part.name} could not be installed: see the message above, or install {part.package} yourself."
        )


def _prefix_for_root() -> list[str] | None:
    """The prefix of a command that runs it as root; None where apt-get or the right to use it is missing."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and not subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode:
        return ["sudo", "-n"]
    return None

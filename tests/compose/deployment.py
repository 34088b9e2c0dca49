"""`docker-compose.yml` brought up as a project of its own, on free ports, with secrets of its own."""

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from concord_nodes.tcp_ports import free_ports

ROOT = Path(__file__).parents[2]
SERVICES = ("intake", "routing", "notification", "metrics")
GRAFANA = "grafana/grafana:11.6.1"
PUBLISHED = (*SERVICES, "grafana", "mail", "prometheus", "rabbitmq")
UP_SECONDS = 900
"""Base images and packages may have to be fetched first."""

T = TypeVar("T")


def engine_missing() -> str | None:
    """What is missing to run `docker compose`, or None."""
    if shutil.which("docker") is None:
        return "The command docker is missing: install Docker, or run the tests that need none with `make test`."
    for arguments, remedy in (
        (["docker", "version"], "start the Docker engine, or name a running one in DOCKER_HOST"),
        (
            ["docker", "compose", "version"],
            "install the plugin docker compose (v2), or name its folder in DOCKER_CONFIG",
        ),
    ):
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            reason = done.stderr.strip().rpartition("\n")[2]
            return f"`{' '.join(arguments)}` fails ({reason}): {remedy}."
    return None


@dataclass
class Deployment:
    """The whole platform in containers."""

    secrets: Path
    project: str = field(default_factory=lambda: f"concord-test-{uuid.uuid4().hex[:8]}")
    ports: Mapping[str, int] = field(
        default_factory=lambda: dict(zip(PUBLISHED, free_ports(len(PUBLISHED)), strict=True))
    )

    @property
    def profiles(self) -> str:
        """Grafana comes along where its image can be had."""
        return "grafana" if _has(GRAFANA) else ""

    def up(self, *services: str) -> None:
        """Build, start, and wait until all is healthy. Raises AssertionError with the logs."""
        subprocess.run(["sh", ROOT / "deploy/compose-secrets.sh", self.secrets], check=True, stdout=subprocess.DEVNULL)
        done = self.run("up", "-d", "--build", "--wait", *services, seconds=UP_SECONDS)
        if done.returncode:
            logs = self.run("logs", "--tail", "40").stdout
            raise AssertionError(f"{done.stderr[-4000:]}\n{self.run('ps', '-a').stdout}\n{logs[-20000:]}")

    def down(self) -> None:
        """Remove containers, volumes, networks and the images built for it."""
        self.run("down", "-v", "--rmi", "local", "--remove-orphans", "--timeout", "15", seconds=120)

    def run(self, *arguments: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        settings = {f"CONCORD_{name.upper()}_PORT": str(port) for name, port in self.ports.items()}
        return subprocess.run(
            ["docker", "compose", "-p", self.project, *arguments],
            cwd=ROOT,
            env={**os.environ, **settings, "CONCORD_SECRETS": str(self.secrets), "COMPOSE_PROFILES": self.profiles},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def inside(self, service: str, *command: str) -> str:
        """The output of a command in a running container. Raises AssertionError when it fails."""
        done = self.run("exec", "-T", service, *command)
        assert done.returncode == 0, f"{service}: {' '.join(command)}: {done.stderr}"
        return done.stdout.strip()

    def containers(self) -> dict[str, Any]:
        """What the engine knows of each container, by service."""
        ids = self.run("ps", "-aq").stdout.split()
        done = subprocess.run(["docker", "inspect", *ids], capture_output=True, text=True, timeout=60, check=True)
        return {each["Config"]["Labels"]["com.docker.compose.service"]: each for each in json.loads(done.stdout)}

    def secret(self, name: str) -> str:
        return (self.secrets / name).read_text().strip()

    def call(
        self, service: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """Status and JSON of a GET, or of a POST of `body`, at a published port."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.ports[service]}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **(headers or {})},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


@cache
def _has(image: str) -> bool:
    """Whether the engine has the image, or gets it from a registry."""
    for command in (["docker", "image", "inspect", image], ["docker", "pull", "-q", image]):
        if subprocess.run(command, capture_output=True, timeout=300, check=False).returncode == 0:
            return True
    return False


def eventually(ask: Callable[[], T], wanted: Callable[[T], bool], seconds: float = 60) -> T:
    """Ask until the answer is the wanted one; AssertionError with the last answer when the seconds are over."""
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if wanted(answer):
            return answer
        assert time.monotonic() < deadline, f"after {seconds:.0f} s still: {answer}"
        time.sleep(0.5)

"""Messages, topology, metrics, alerts and environment variables as listings."""

import ast
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from click.testing import CliRunner
from tests.unit.monitoring.exported import by_services

from .described_services import ROOT, descriptions
from .product import CATALOGUE, SERVICES, concord

HERE = Path(__file__).parent
TOPOLOGY = {"exchanges": "exchange", "queues": "queue", "bindings": "binding", "policies": "policy", "users": "login"}
VARIABLE = re.compile(r"CONCORD_[A-Z0-9_]*[A-Z0-9]")
DEPLOYED = ("docker-compose.yml", "Makefile", "deploy/Dockerfile", "deploy/*.sh", "deploy/compose/*.sh")


def message_names() -> Iterator[str]:
    """Types, and digests of their frozen schemas and golden examples."""
    for name, kind in CATALOGUE.items():
        reader = kind.recipient or "everybody"
        yield f"{name} from {kind.owner} for {reader} on {kind.exchange}"
    for folder in ("schemas", "examples"):
        for file in (HERE / folder).rglob("*.json"):
            yield f"{file.relative_to(HERE).as_posix()} sha256={hashlib.sha256(file.read_bytes()).hexdigest()}"


def topology_names() -> Iterator[str]:
    """As `concord topology show` prints it; rights of the logins are for their own tests."""
    shown = CliRunner().invoke(concord, ["topology", "show"], catch_exceptions=False)
    document = json.loads(shown.stdout)
    for section, kind in TOPOLOGY.items():
        for item in document[section]:
            yield f"{kind} {' '.join(_members(item))}"


def _members(item: dict[str, Any]) -> Iterator[str]:
    for name, value in sorted(item.items(), key=lambda member: (member[0] != "name", member[0])):
        if name != "vhost":
            yield f"{name}={value if isinstance(value, str) else json.dumps(value, sort_keys=True)}"


def metric_names() -> Iterator[str]:
    for name, labels in by_services().items():
        if not name.endswith("_created"):  # the library's own, which a setting of its leaves out
            yield f"{name}{{{', '.join(sorted(labels))}}}"


def alert_names() -> Iterator[str]:
    """Alerts with their severity and labels, and the names of recording rules."""
    for file in (ROOT / "deploy" / "prometheus" / "rules").glob("*.yml"):
        for group in yaml.safe_load(file.read_text("utf-8"))["groups"]:
            for rule in group["rules"]:
                labels = "".join(f" {name}={value}" for name, value in sorted(rule.get("labels", {}).items()))
                yield f"alert {rule['alert']}{labels}" if "alert" in rule else f"record {rule['record']}{labels}"


def environment_names() -> Iterator[str]:
    """Variables that each service asks for, that only the rest of the source names, and that the deployment sets."""
    asked: set[str] = set()
    for service, description in descriptions().items():
        asked.update(description["environment"])
        for name in description["environment"]:
            yield f"{service} reads {name}"
    for folder in ("services", "shared"):
        for file in (ROOT / folder).rglob("*.py"):
            for name in _literals(ast.parse(file.read_text("utf-8"))) - asked:
                yield f"source names {name}"
    yield from _passwords()
    for pattern in DEPLOYED:
        for file in ROOT.glob(pattern):
            for name in VARIABLE.findall(file.read_text("utf-8")):
                yield f"deployment sets {name}"


def _literals(tree: ast.AST) -> set[str]:
    """Texts that are a variable's name and nothing else."""
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in texts if VARIABLE.fullmatch(text)}


def _passwords() -> Iterator[str]:
    """The variables with passwords of broker logins: `concord topology apply` names a file that it cannot read."""
    call = ["topology", "apply", "--management", "http://admin:secret@127.0.0.1:1"]
    for login in (*SERVICES, "monitor"):
        name = f"CONCORD_{login.upper()}_PASSWORD"
        if (
            f"{name}_FILE cannot be read"
            in CliRunner(env={f"{name}_FILE": "no-such-file"}).invoke(concord, call).output
        ):
            yield f"concord topology apply reads {name}"
            yield f"concord topology apply reads {name}_FILE"

"""Each message type has its handlers, its keys and its sentence on the ops page."""

import re
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import yaml

from concord_bus.topology.declarations import SERVICES
from concord_cli.up.environment import KEYS_OF
from concord_contracts import CATALOGUE
from concord_contracts.catalogue import MessageType
from concord_contracts.encryption import RECIPIENTS
from concord_intake.application.timeline_projection import HANDLERS
from concord_notification.notices.application.plan_notices import NoticePlanner

ROOT = Path(__file__).resolve().parents[3]
PRIVATE = [kind for kind in CATALOGUE.values() if not kind.public]
OPS_PAGE = ROOT / "services" / "metrics" / "concord_metrics" / "ops" / "static" / "latest.js"


def received(service: str) -> set[str]:
    """The types in the queues of a service."""
    return {key.removesuffix(".#") for queue in SERVICES[service].queues for key in queue.keys}


@pytest.fixture(scope="module")
def composed() -> Any:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))


@pytest.mark.parametrize("kind", PRIVATE, ids=lambda kind: kind.name)
def test_owner_and_recipient_have_the_key_of_a_private_type(kind: MessageType, composed: Any) -> None:
    recipient = str(kind.recipient)
    assert recipient in RECIPIENTS
    assert f"keep {recipient}-keys\n" in (ROOT / "deploy" / "compose-secrets.sh").read_text("utf-8")
    for service in (kind.owner, recipient):
        assert recipient in KEYS_OF[service]
        described = composed["services"][service]
        assert described["environment"][f"CONCORD_KEYS_{recipient.upper()}_FILE"] == f"/run/secrets/{recipient}-keys"
        assert f"{recipient}-keys" in described["secrets"]


def test_intake_handles_what_it_receives() -> None:
    assert received("intake") == HANDLERS.keys()


def test_notification_handles_what_it_receives() -> None:
    assert received("notification") == NoticePlanner(Mock(), Mock(), {}).handlers().keys()


def test_the_ops_page_has_a_sentence_for_each_public_type() -> None:
    sentences = re.search(r"^const WHAT = \{\n(.*?)^\};", OPS_PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert sentences
    told = set(re.findall(r'^  "([\w.]+)":', sentences[1], re.MULTILINE))
    assert told == {kind.name.rpartition(".v")[0] for kind in CATALOGUE.values() if kind.public}

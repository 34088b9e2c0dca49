"""What is generated for readers is valid by outside judges, and true of the messages that travel."""

import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from jsonschema import Draft202012Validator

from concord_contracts import CATALOGUE
from concord_contracts.documents import POLICY, asyncapi, contracts_page, data_schema, envelope_schema, schema_document
from concord_web import ContractRoutes, routes_of

from .expected import EXPECTED, PRIVATE, PUBLIC
from .keys import KEY, codec, keyrings

HERE = Path(__file__).parent
TYPES = sorted(CATALOGUE)


def written(name: str) -> Any:
    return json.loads(codec(KEY).encode(EXPECTED[name]).body)


def whole_schema(name: str) -> dict[str, Any]:
    return envelope_schema(CATALOGUE[name], data_schema(CATALOGUE[name]))


@pytest.mark.parametrize("name", TYPES)
def test_a_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(schema_document(CATALOGUE[name], f"/schemas/{name}.json"))
    Draft202012Validator.check_schema(whole_schema(name))


@pytest.mark.parametrize("name", TYPES)
def test_what_is_written_keeps_the_schemas(name: str) -> None:
    event = written(name)
    judge = Draft202012Validator(whole_schema(name), format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert [each.message for each in judge.iter_errors(event)] == []
    data = json.loads(keyrings(KEY).open(CATALOGUE[name].recipient or "", event["data"])) if name in PRIVATE else None
    Draft202012Validator(data_schema(CATALOGUE[name])).validate(event["data"] if data is None else data)


@pytest.mark.parametrize("name", TYPES)
def test_the_schemas_see_what_is_wrong(name: str) -> None:
    judge = Draft202012Validator(whole_schema(name))
    event = written(name)
    for key in ("id", "data", "sequence", "partitionkey"):
        assert not judge.is_valid({other: value for other, value in event.items() if other != key}), key
    assert not judge.is_valid(event | {"type": "concern.unheard.v1"})
    data = Draft202012Validator(data_schema(CATALOGUE[name]))
    assert not data.is_valid({})


@pytest.mark.parametrize("name", PUBLIC)
def test_readers_may_meet_fields_they_do_not_know(name: str) -> None:
    event = written(name)
    event["data"]["added_by_a_later_version"] = 1
    Draft202012Validator(whole_schema(name)).validate(event)


@pytest.mark.parametrize("name", TYPES)
def test_the_schema_a_message_names_is_the_one_that_is_served(name: str) -> None:
    assert written(name)["dataschema"].endswith(f"/schemas/{name}.json")
    assert "/schemas/{type}.json" in {route.path for route in routes_of(ContractRoutes)}


@pytest.mark.parametrize("name", TYPES)
def test_the_cloudevents_sdk_reads_what_is_written(name: str) -> None:
    body = codec(KEY).encode(EXPECTED[name]).body
    event, read = json.loads(body), JSONFormat().read(CloudEvent, body)
    attributes = read.get_attributes()
    assert (read.get_id(), read.get_type(), read.get_source()) == (event["id"], name, event["source"])
    assert attributes["sequence"] == event["sequence"]
    assert attributes["partitionkey"] == event["partitionkey"]
    assert read.get_data() == event["data"]


def test_the_page_shows_every_message_and_loads_nothing() -> None:
    page = contracts_page()
    for kind in CATALOGUE.values():
        assert f'id="{kind.name}"' in page
        for field in kind.fields():
            assert f"<code>{field.name}</code>" in page
    assert re.findall(r'(?:src|href)="([^"#/][^"]*)"', page) == []
    assert "<script" not in page
    assert "default-src 'none'" in POLICY


@pytest.fixture(scope="session")
def asyncapi_parser() -> Path:
    """The folder of the official parser, installed once for each lock file."""
    source = HERE / "asyncapi"
    if not shutil.which("npm"):
        (pytest.fail if os.environ.get("CI") else pytest.skip)("npm is missing: apt-get install npm")
    lock = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = HERE.parent.parent / ".venv" / "npm" / lock
    if not (folder / "installed").exists():
        shutil.copytree(source, folder, dirs_exist_ok=True)
        subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True, timeout=300
        )
        (folder / "installed").touch()
    shutil.copy(source / "validate.mjs", folder)
    return folder


def judged(document: Any, parser: Path) -> Any:
    done = subprocess.run(
        ["node", "validate.mjs"], cwd=parser, input=json.dumps(document).encode(), capture_output=True, timeout=120
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def test_the_official_parser_finds_nothing_wrong(asyncapi_parser: Path) -> None:
    found = judged(asyncapi(), asyncapi_parser)
    assert found == {"parsed": True, "errors": [], "channels": list(CATALOGUE)}


def test_the_official_parser_would_see_a_fault(asyncapi_parser: Path) -> None:
    broken = asyncapi()
    broken["operations"]["send.concern.routed.v1"]["channel"] = {"$ref": "#/channels/nowhere"}
    assert judged(broken, asyncapi_parser)["errors"]

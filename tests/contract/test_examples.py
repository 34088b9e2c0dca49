"""Every message type has a golden example that is read and written exactly as it was on the day it was published."""

import json
from pathlib import Path
from typing import Any

import pytest

from concord_contracts import CATALOGUE

from .expected import EXPECTED, PRIVATE
from .keys import KEY, codec, keyrings

EXAMPLES = Path(__file__).parent / "examples"
REMEDY = "add one to expected.py and run: python -m tests.contract.freeze"


def load(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def names(folder: Path) -> set[str]:
    return {path.stem for path in folder.glob("*.json")}


def test_every_type_of_the_catalogue_has_an_example() -> None:
    assert set(EXPECTED) == set(CATALOGUE), REMEDY
    assert names(EXAMPLES) == set(CATALOGUE), REMEDY
    assert names(EXAMPLES / "sealed") == set(PRIVATE), REMEDY


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_an_example_is_read_as_expected(name: str) -> None:
    example = load(EXAMPLES / f"{name}.json")
    recipient = CATALOGUE[name].recipient
    if recipient:
        example["data"] = keyrings(KEY).seal(recipient, json.dumps(example["data"]).encode())
    assert codec(KEY).decode(json.dumps(example).encode()) == EXPECTED[name]


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_an_event_is_written_as_its_example(name: str) -> None:
    encoded = codec(KEY).encode(EXPECTED[name])
    written = json.loads(encoded.body)
    recipient = CATALOGUE[name].recipient
    if recipient:
        written["data"] = json.loads(keyrings(KEY).open(recipient, written["data"]))
    example = load(EXAMPLES / f"{name}.json")
    added_since = set(written["data"]) - set(example["data"])
    assert not [each for each in added_since if written["data"].pop(each) is not None], "null where it is not needed"
    assert written == example
    assert encoded.exchange == CATALOGUE[name].exchange


@pytest.mark.parametrize("name", PRIVATE)
def test_what_was_sealed_long_ago_still_opens(name: str) -> None:
    body = (EXAMPLES / "sealed" / f"{name}.json").read_bytes()
    assert codec(KEY).decode(body) == EXPECTED[name]


PRIVATE_WORDS = {
    "concern.submitted.v1": ("loud music", "example-noise", "71.0598", "42.3584"),
    "history.updated.v1": ("2026-03-04T09", "2026-03-06T17"),
    "contact.given.v1": ("Example Reporter", "reporter", "6175550142"),
    "word.given.v1": ("landlord", "housing advice", "617-555-0150"),
    "word.recorded.v1": ("landlord", "housing advice", "617-555-0150"),
    "objection.given.v1": ("music was back", "Friday"),
    "answer.given.v1": ("second floor", "flat"),
    "contact.recorded.v1": ("Example Reporter", "reporter", "6175550142"),
    "access.recorded.v1": ('"contact"',),
}


@pytest.mark.parametrize("name", PRIVATE)
def test_a_sealed_body_shows_nothing_of_its_data(name: str) -> None:
    encoded = codec(KEY).encode(EXPECTED[name])
    clear = (EXAMPLES / f"{name}.json").read_text("utf-8")
    for words in PRIVATE_WORDS[name]:
        assert words in clear
        assert words.encode() not in encoded.body


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_examples_are_plainly_invented(name: str) -> None:
    example = load(EXAMPLES / f"{name}.json")
    assert example["id"].startswith("example-")
    assert example["data"]["concern_id"].startswith("example-")
    if "email" in example["data"]:
        assert example["data"]["email"].endswith("@example.org")
        assert example["data"]["phone"].startswith("+161755501")

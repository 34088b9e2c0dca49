"""What travels is a CloudEvent: CloudEvents 1.0.2, sections "Context Attributes" and the JSON format's 2 and 3."""

import json
import re
from datetime import datetime
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

import pytest

from concord_contracts import CATALOGUE, CONTENT_TYPE, Codec

from .expected import EXPECTED, PRIVATE, PUBLIC
from .keys import codec, keyrings

RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
EXTENSIONS = {"partitionkey", "sequence", "correlationid", "causationid", "traceparent", "recordedtime"}
STANDARD = {"specversion", "id", "type", "source", "time", "dataschema", "datacontenttype", "data"}


@pytest.fixture(params=sorted(CATALOGUE))
def written(request: pytest.FixtureRequest) -> Any:
    return json.loads(codec().encode(EXPECTED[request.param]).body)


def test_the_media_type_is_that_of_structured_json() -> None:
    assert CONTENT_TYPE == "application/cloudevents+json"


def test_required_attributes_are_non_empty_texts(written: Any) -> None:
    for name in ("id", "source", "specversion", "type"):
        assert isinstance(written[name], str)
        assert written[name]
    assert written["specversion"] == "1.0"


def test_attribute_names_are_lower_case_letters_and_digits_of_at_most_20(written: Any) -> None:
    for name in written:
        assert re.fullmatch(r"[a-z0-9]{1,20}", name)
    assert set(written) <= STANDARD | EXTENSIONS


def test_attributes_are_of_the_types_of_the_specification(written: Any) -> None:
    """All of ours are CloudEvents strings, URIs or timestamps, and so JSON texts without control characters."""
    for name, value in written.items():
        if name != "data":
            assert isinstance(value, str), name
            assert value.isprintable(), name


def test_time_and_uris_are_well_formed(written: Any) -> None:
    assert RFC3339.fullmatch(written["time"])
    assert datetime.fromisoformat(written["time"]).utcoffset() is not None
    assert urlsplit(written["source"]).path == written["source"]  # a URI reference
    assert urlsplit(written["dataschema"]).scheme == "https"  # an absolute URI
    assert urlsplit(written["dataschema"]).path.endswith(f"/{written['type']}.json")


def test_the_sequence_sorts_as_text(written: Any) -> None:
    assert re.fullmatch(r"\d{10,18}", written["sequence"])


@pytest.mark.parametrize("name", PUBLIC)
def test_public_data_is_a_json_object_and_says_so(name: str) -> None:
    written = json.loads(codec().encode(EXPECTED[name]).body)
    assert written["datacontenttype"] == "application/json"
    assert isinstance(written["data"], dict)


@pytest.mark.parametrize("name", PRIVATE)
def test_private_data_is_a_text_of_a_media_type_that_is_not_json(name: str) -> None:
    """JSON format 3.1: with a media type that is not JSON, `data` is a JSON string."""
    written = json.loads(codec().encode(EXPECTED[name]).body)
    header = Message()
    header["content-type"] = written["datacontenttype"]
    assert header.get_content_type() == written["datacontenttype"]
    assert not header.get_content_subtype().endswith("json")
    assert isinstance(written["data"], str)


def test_absent_attributes_are_left_out(written: Any) -> None:
    event = EXPECTED[written["type"]]
    assert ("causationid" in written) == (event.causationid is not None)
    assert ("traceparent" in written) == (event.traceparent is not None)


def test_the_schema_address_is_a_setting() -> None:
    elsewhere = Codec(keyrings(), "https://city.example.org/schemas/")
    written = json.loads(elsewhere.encode(EXPECTED["concern.routed.v1"]).body)
    assert written["dataschema"] == "https://city.example.org/schemas/concern.routed.v1.json"

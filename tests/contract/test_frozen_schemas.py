"""A published message type keeps its promises: its schema may grow, it may not change under its readers."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from marshmallow import ValidationError, fields, validate

from concord_contracts import CATALOGUE, MessageType
from concord_contracts.fields import message, reader_schema, text, wire

from .frozen import Contract, breaks, contract_of

SCHEMAS = Path(__file__).parent / "schemas"


def promised(name: str) -> Contract:
    contract: Contract = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
    return contract


def test_every_type_is_frozen() -> None:
    frozen = {path.stem for path in SCHEMAS.glob("*.json")}
    assert set(CATALOGUE) - frozen == set(), "new types: run python -m tests.contract.freeze"
    assert frozen - set(CATALOGUE) == set(), "a published type may not vanish: publish it beside its .v2 for a while"


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_no_published_type_changed_under_its_readers(name: str) -> None:
    broken = breaks(promised(name), contract_of(CATALOGUE[name]))
    following = f"{name.rpartition('.v')[0]}.v{CATALOGUE[name].version + 1}"
    remedy = f"leave {name} as it is, make {following} and publish both for a while"
    assert not broken, f"{'; '.join(broken)}: {remedy}"


Change = Callable[[Contract], Any]

INCOMPATIBLE: dict[str, tuple[Change, str]] = {
    "field removed": (lambda c: c["fields"].pop("team"), "field team is gone"),
    "field renamed": (lambda c: c["fields"].update(squad=c["fields"].pop("team")), "field team is gone"),
    "type changed": (lambda c: c["fields"]["border"].update(type="text"), "field border: type"),
    "unit changed": (lambda c: c["fields"]["respond_by"].update(unit="local time"), "field respond_by: unit"),
    "unit lost": (lambda c: c["fields"]["respond_by"].update(unit=None), "field respond_by: unit"),
    "no longer always there": (lambda c: c["fields"]["area"].update(required=False), "field area: whether it must"),
    "made nullable": (lambda c: c["fields"]["area"].update(nullable=True), "field area: whether it may be null"),
    "new and required": (
        lambda c: c["fields"].update(mood={"type": "text", "required": True, "nullable": False, "unit": None}),
        "field mood is new and required",
    ),
    "value removed": (lambda c: c["fields"]["channel"]["values"].remove("app"), "the value 'app' is gone"),
    "values introduced": (lambda c: c["fields"]["area"].update(values=["A1"]), "limited to certain values"),
    "upper limit lowered": (lambda c: c["fields"]["team_name"].update(max_length=20), "max_length was lowered"),
    "upper limit introduced": (
        lambda c: c["fields"]["border"].update(maximum=1),
        "field border: maximum was lowered from None",
    ),
    "lower limit raised": (lambda c: c["fields"]["area"].update(min_length=2), "min_length was raised from 1 to 2"),
    "owner changed": (lambda c: c.update(owner="intake"), "owner was 'routing'"),
    "made private": (lambda c: c.update(recipient="metrics"), "recipient was None"),
    "moved": (lambda c: c.update(exchange="elsewhere"), "exchange was 'concord.events'"),
}


@pytest.mark.parametrize("change", INCOMPATIBLE)
def test_an_incompatible_change_is_noticed_and_named(change: str) -> None:
    before = promised("concern.routed.v1")
    after = copy.deepcopy(before)
    apply, sentence = INCOMPATIBLE[change]
    apply(after)
    assert any(sentence in each for each in breaks(before, after)), breaks(before, after)


def test_changes_of_a_nested_message_are_noticed() -> None:
    before = promised("concern.received.v1")
    after = copy.deepcopy(before)
    after["fields"]["point"]["fields"]["lon"] |= {"maximum": 90, "decimals": 5}
    del after["fields"]["point"]["fields"]["lat"]
    assert breaks(before, after) == [
        "field point.lon: precision was 3 and is 5",
        "field point.lon: maximum was lowered from 180 to 90",
        "field point.lat is gone",
    ]


def test_changes_of_a_list_and_of_what_is_in_it_are_noticed() -> None:
    before = promised("promise.made.v1")
    after = copy.deepcopy(before)
    told = after["fields"]["promises"]
    told |= {"min_length": 2, "max_length": 9}
    told["items"]["nullable"] = True
    told["items"]["fields"]["due_at"]["unit"] = "local time"
    del told["items"]["fields"]["promise_id"]
    assert breaks(before, after) == [
        "field promises: min_length was raised from 1 to 2",
        "field promises: max_length was lowered from 10 to 9",
        "field promises[]: whether it may be null was False and is True",
        "field promises[].promise_id is gone",
        "field promises[].due_at: unit was 'UTC' and is 'local time'",
    ]


def test_integers_keep_their_least_value() -> None:
    before = promised("notification.delivered.v1")
    after = copy.deepcopy(before)
    after["fields"]["attempts"]["minimum"] = 2
    assert breaks(before, after) == ["field attempts: minimum was raised from 1 to 2"]


COMPATIBLE: dict[str, Change] = {
    "nothing": lambda c: None,
    "new field that may be absent": lambda c: c["fields"].update(
        mood={"type": "text", "required": False, "nullable": True, "unit": None}
    ),
    "further value": lambda c: c["fields"]["channel"]["values"].append("letter"),
    "any value": lambda c: c["fields"]["channel"].pop("values"),
    "higher limit": lambda c: c["fields"]["team_name"].update(max_length=400),
    "no limit": lambda c: c["fields"]["team_name"].pop("max_length"),
    "other order": lambda c: c.update(fields=dict(reversed(c["fields"].items()))),
}


@pytest.mark.parametrize("change", COMPATIBLE)
def test_a_compatible_change_is_allowed(change: str) -> None:
    before = promised("concern.routed.v1")
    after = copy.deepcopy(before)
    COMPATIBLE[change](after)
    assert breaks(before, after) == []


def test_a_new_kind_of_limit_must_be_taught_to_the_freezer() -> None:
    """Otherwise it would go unwatched."""

    def odd(value: str) -> str:
        raise ValidationError("never")

    field: fields.String = text()
    field.validators.append(odd)
    with pytest.raises(TypeError, match=r"teach frozen\.py"):
        contract_of(_type_with(field))


def test_the_schema_is_frozen_from_what_the_readers_really_use() -> None:
    """The limits in the file are those of the marshmallow schema, not of a second list."""
    kind = CATALOGUE["concern.submitted.v1"]
    length = next(
        each for each in reader_schema(kind.data).fields["description"].validators if isinstance(each, validate.Length)
    )
    assert contract_of(kind)["fields"]["description"]["max_length"] == length.max == 4000


def _type_with(field: fields.String) -> Any:
    data: Any = message(type("Crafted", (), {"__annotations__": {"word": str}, "word": wire(field, "a word")}))
    return MessageType("crafted.v1", data, "intake")

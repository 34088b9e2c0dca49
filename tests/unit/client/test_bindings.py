"""Which events: routing keys from types, areas and categories, and the filter over them."""

import pytest

from concord_client.bindings import Filter, routing_keys


def test_every_type_area_and_category() -> None:
    keys = routing_keys(["concern.routed.v1", "concern.resolved.v1"], ["B2", "B3"], ["graffiti"])
    assert keys == (
        "concern.routed.v1.B2.graffiti",
        "concern.routed.v1.B3.graffiti",
        "concern.resolved.v1.B2.graffiti",
        "concern.resolved.v1.B3.graffiti",
    )


def test_none_named_is_any_and_codes_are_one_word() -> None:
    assert routing_keys(["concern.routed.v1"]) == ("concern.routed.v1.*.*",)
    assert routing_keys(["concern.routed.v1"], ["st.mary#1"]) == ("concern.routed.v1.st-mary-1.*",)


@pytest.mark.parametrize("wrong", ["concern.routed", "#", "", "concern.*.v1", "concern.routed.v1.B2"])
def test_what_is_no_type_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="no type of message"):
        routing_keys([wrong])


def test_a_text_instead_of_a_list_is_refused() -> None:
    with pytest.raises(ValueError, match=r"areas=\['B2'\]"):
        routing_keys(["concern.routed.v1"], "B2")


@pytest.mark.parametrize(
    ("binding", "matching", "other"),
    [
        ("a.b.v1.B2.x", "a.b.v1.B2.x", "a.b.v1.B2.xy"),
        ("a.b.v1.*.x", "a.b.v1.B2.x", "a.b.v1.B2.B3.x"),
        ("a.b.v1.#", "a.b.v1", "a.b.v10.B2.x"),
        ("a.b.v1.#", "a.b.v1.B2.x", "a.c.v1.B2.x"),
        ("#", "", None),
        ("#.x", "x", "y"),
        ("#.x", "a.b.x", "a.bx"),
        ("a.#.x", "a.x", "ax"),
        ("a.#.x", "a.b.c.x", "a.b.c"),
    ],
)
def test_the_filter_reads_bindings_as_the_broker_does(binding: str, matching: str, other: str | None) -> None:
    wanted = Filter([binding])
    assert wanted(matching)
    assert other is None or not wanted(other)


def test_no_bindings_let_everything_through() -> None:
    assert Filter([])("anything.at.all")

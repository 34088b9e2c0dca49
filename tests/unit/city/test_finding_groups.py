"""Hundreds of findings of one kind are one fault of the file."""

from hypothesis import given
from hypothesis import strategies as st

from concord_city import Finding
from concord_city.domain.finding_groups import grouped


def finding(message: str, line: int | None = 1, level: str = "error") -> Finding:
    return Finding(level, "areas.geojson", line, message, "do")  # type: ignore[arg-type]


def test_the_same_line_198_times_is_one_finding_with_a_count() -> None:
    (found,) = grouped([finding("no geometry")] * 198)
    assert found == finding("no geometry (198 times)")
    (found,) = grouped([finding("no geometry", line) for line in range(4, 202)])
    assert found == finding("no geometry (198 times, in lines 4 to 201)", 4)


def test_up_to_three_equal_ones_stay() -> None:
    three = [finding("no geometry", line) for line in (1, 2, 3)]
    assert grouped(three) == three


def test_of_more_than_ten_of_a_kind_ten_stay_and_the_others_are_counted() -> None:
    findings = [finding(f"the area 'A{number}' has an edge of {number}.5 km", number) for number in range(1, 31)]
    found = grouped([*findings, finding("another")])
    assert found[:9] == findings[:9]
    assert found[9].message == "the area 'A10' has an edge of 10.5 km (and 20 more of this kind, in lines 11 to 30)"
    assert found[10:] == [finding("another")]
    assert grouped(findings[:10]) == findings[:10]


def test_an_error_and_a_warning_are_not_of_a_kind() -> None:
    mixed = [finding("a 1", level="error"), finding("a 2", level="warning")] * 6
    assert grouped([finding(f"a {number}", level=each.level) for number, each in enumerate(mixed)]) == [
        finding(f"a {number}", level=each.level) for number, each in enumerate(mixed)
    ]


@given(
    st.lists(st.builds(finding, st.sampled_from(["a 'x'", "a 'y'", "b 1", "b 2", "c"]), st.integers(1, 9)), max_size=60)
)
def test_no_kind_is_lost_and_none_repeats_much(findings: list[Finding]) -> None:
    found = grouped(findings)
    assert {each.message[0] for each in found} == {each.message[0] for each in findings}
    assert len(found) <= 15

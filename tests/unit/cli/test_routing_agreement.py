"""Agreement with the area that the city recorded."""

from concord_cli.common.records import Record
from concord_cli.up.routing_agreement import Agreement, Decision, Share, agreement

POINT = (-71.0, 42.0)


def record(number: int, area: str | None, point: tuple[float, float] | None = POINT) -> Record:
    return Record(number, f"R-{number}", "noise", "Loud", None, point, area, "import")


def test_only_records_with_point_and_recorded_area_are_compared() -> None:
    records = [record(1, "A"), record(2, "B"), record(3, None), record(4, "A", None), record(5, "A"), record(6, "A")]
    concerns = {each.id: f"c{each.number}" for each in records}
    decisions = {
        "c1": Decision("A", None),
        "c2": Decision("A", None),
        "c3": Decision("A", None),
        "c4": Decision(None, "no_location"),
        "c5": Decision(None, "placeholder"),
        "c6": Decision(None, "outside"),
    }
    found = agreement(records, concerns, decisions)
    assert found == Agreement(located=Share(1, 3), all=Share(1, 4))


def test_a_record_that_was_not_decided_does_not_agree() -> None:
    assert agreement([record(1, "A"), record(2, "A")], {"R-1": "c1"}, {}) == Agreement(Share(0, 2), Share(0, 2))


def test_a_share_of_nothing_is_none() -> None:
    assert Share(0, 0).percent is None
    assert Share(3, 4).percent == 75

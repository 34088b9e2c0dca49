"""Points that many records share: a placeholder for an unknown place, or a real place with much trouble."""

from concord_cli.city.draft.shared_points import PointRecord, SharedPoint, shared_points

HALL, STATION = (-71.0587, 42.3594), (-71.0600, 42.3650)


def at(point: tuple[float, float] | None, *areas: str | None) -> list[PointRecord]:
    return [PointRecord(point, area) for area in areas]


def elsewhere(count: int) -> list[PointRecord]:
    return [PointRecord((-71.1 + number / 10_000, 42.3), "A") for number in range(count)]


def test_a_point_with_many_recorded_areas_is_a_placeholder() -> None:
    records = [*elsewhere(180), *at(HALL, *"ABCDE" * 4)]
    assert shared_points(records) == [SharedPoint(*HALL, records=20, share=0.1, placeholder=True, areas=5)]


def test_a_point_with_one_recorded_area_is_a_real_place() -> None:
    records = [*elsewhere(180), *at(STATION, *"A" * 18, "B", None)]
    assert shared_points(records) == [SharedPoint(*STATION, records=20, share=0.1, placeholder=False, areas=2)]


def test_without_recorded_areas_a_person_decides_on_such_concerns() -> None:
    records = [*elsewhere(180), *at(HALL, *[None] * 20)]
    assert shared_points(records) == [SharedPoint(*HALL, records=20, share=0.1, placeholder=True, areas=0)]


def test_only_points_with_over_one_percent_count() -> None:
    assert shared_points([*elsewhere(1980), *at(HALL, *"AB" * 10)]) == []
    assert len(shared_points([*elsewhere(1979), *at(HALL, *"AB" * 10)])) == 1


def test_a_few_records_show_nothing() -> None:
    assert shared_points([*elsewhere(50), *at(HALL, *"ABCDEFGHI")]) == []


def test_records_without_a_point_do_not_count() -> None:
    records = [*elsewhere(1000), *at(HALL, *"AB" * 6), *at(None, *"A" * 5000)]
    assert [point.records for point in shared_points(records)] == [12]


def test_the_commonest_comes_first_and_decimals_beyond_a_decimetre_are_one_point() -> None:
    near = (HALL[0] + 1e-9, HALL[1])
    records = [*at(STATION, *"AB" * 6), *at(HALL, *"AB" * 6), *at(near, "A")]
    assert [(point.lon, point.records) for point in shared_points(records)] == [(HALL[0], 13), (STATION[0], 12)]


def test_no_records_share_nothing() -> None:
    assert shared_points([]) == []

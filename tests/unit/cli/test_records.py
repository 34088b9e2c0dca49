"""A record, and the line of intake's batch that it becomes."""

from concord_cli.common.records import Record, line_of

OPENED, CLOSED, TARGET = "2015-01-01T10:56:16-05:00", "2015-01-07T12:35:56-05:00", "2015-01-05T08:30:00-05:00"
DAY = "2015-01-01T00:00:00-05:00"


def record(number: int, **changes: object) -> Record:
    values = {
        "number": number,
        "id": f"R-{number}",
        "category": "noise",
        "text": "Loud",
        "occurred_at": OPENED,
        "point": (-71.0, 42.0),
        "area": None,
        "channel": "import",
    }
    return Record(**{**values, **changes})  # type: ignore[arg-type]


def test_the_line_of_a_record() -> None:
    assert line_of(record(1), example_contacts=True) == {
        "id": "R-1",
        "category": "noise",
        "description": "Loud",
        "channel": "import",
        "occurred_at": OPENED,
        "point": {"lon": -71.0, "lat": 42.0},
    }


def test_a_record_without_place_and_time_says_neither() -> None:
    line = line_of(record(1, point=None, occurred_at=None), example_contacts=False, history=True)
    assert line.keys() == {"id", "category", "description", "channel"}


def test_history_keeps_a_record_s_own_times() -> None:
    told = line_of(record(1, closed_at=CLOSED, promised_by=TARGET), example_contacts=False, history=True)
    assert (told["reported_at"], told["closed_at"], told["promised_by"]) == (OPENED, CLOSED, TARGET)


def test_a_record_with_a_day_has_a_history_but_no_hour_at_which_it_happened() -> None:
    told = line_of(record(1, occurred_at=None, opened_at=DAY), example_contacts=False, history=True)
    assert told["reported_at"] == DAY
    assert "occurred_at" not in told


def test_without_history_a_record_counts_as_reported_now() -> None:
    told = line_of(record(1, closed_at=CLOSED, promised_by=TARGET), example_contacts=False)
    assert {"reported_at", "closed_at", "promised_by"}.isdisjoint(told)
    assert told["occurred_at"] == OPENED


def test_one_in_five_gets_an_invented_contact_in_two_languages() -> None:
    lines = [line_of(record(number), example_contacts=True) for number in range(1, 21)]
    contacts = [line["contact"] for line in lines if "contact" in line]
    assert [each["email"] for each in contacts] == [f"resident-{n}@example.org" for n in (5, 10, 15, 20)]
    assert [each["language"] for each in contacts] == ["es", "en", "es", "en"]


def test_no_contact_is_invented_unless_asked_for() -> None:
    assert "contact" not in line_of(record(5), example_contacts=False)

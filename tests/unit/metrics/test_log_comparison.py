"""What the log lacks of the events in metrics' inbox."""

from concord_metrics.domain.log_comparison import EDGE_SECONDS, LogComparison, MissingEvents

AT = 1_790_000_000.0
DAY = 86_400.0


def comparison(*held: str, from_start: bool = True, **handled: float) -> MissingEvents:
    compared = LogComparison(handled, from_start)
    for each in held:
        compared.hold([each, "never-handled"])
    return compared.missing()


def test_a_complete_log_lacks_nothing() -> None:
    assert comparison("a", "b", "a", a=AT, b=AT + 1) == MissingEvents((), 2)


def test_what_is_missing_is_named_in_the_order_of_its_handling() -> None:
    missing = comparison("b", a=AT + 2, b=AT + 1, c=AT)

    assert (missing.ids, missing.compared) == (("c", "a"), 3)
    assert str(missing) == (
        "2 of 3 events that metrics handled, from 2026-09-21T14:13:20Z to 2026-09-21T14:13:22Z: c, a"
    )


def test_many_are_counted_and_some_are_named() -> None:
    missing = comparison(**{f"e{number}": AT + number for number in range(2_000)})

    assert str(missing).startswith("2,000 of 2,000 events")
    assert str(missing).endswith(": e0, e1, e2, e3, e4 and 1,995 more")


def test_what_the_stream_no_longer_keeps_does_not_count() -> None:
    missing = comparison("b", "d", from_start=False, a=AT - DAY, b=AT, c=AT + DAY, d=AT + 2 * DAY)

    assert (missing.ids, missing.compared) == (("c",), 2)


def test_events_at_the_edge_of_a_shortened_stream_are_in_doubt_and_do_not_count() -> None:
    handled = {"a": AT, "b": AT + EDGE_SECONDS, "c": AT + EDGE_SECONDS + 1}

    assert comparison("a", from_start=False, **handled).ids == ("c",)


def test_a_range_without_a_handled_event_shows_nothing() -> None:
    assert comparison("z", from_start=False, a=AT) == MissingEvents((), 0)
    assert comparison("z", from_start=True, a=AT).ids == ("a",)

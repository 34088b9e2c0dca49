"""Write docs/measures.md from the list of measures.

Run `python -m concord_metrics.measures.documentation > docs/measures.md`.
"""

from collections.abc import Iterator

from concord_metrics.domain.aggregate_columns import BOUNDS, DAY, HUMAN_BOUNDS
from concord_metrics.measures import MEASURES

_HEAD = """# Measures

What Concord measures, from public events alone. This page is made from the list in `concord_metrics/measures`, which
`GET /v1/measures` serves too. The names are those in `GET /v1/summary`, in all and by area, category, channel and team;
the metric is its name at `/metrics`.

A concern counts on the day and in the period in which it came in. Times are those in the events, never those of their
arrival, so the figures end alike in whatever order events come, late or twice.

- **Two acknowledgements.** `notified` and `time_to_acknowledge` are of the notice that goes out by itself once a
  concern is taken in. `acknowledged` and `time_to_human_acknowledgement` are of a person of the team who has seen it.
- **By area, category and channel** each metric has one of its own, such as `concord_concerns_routed_by_area_total`,
  with at most 50 values; the rest together are `other`.
- **By team** counts are gauges, such as `concord_concerns_routed_by_team`: a concern counts for the team that has it
  now, and leaves that team's figures when another gets it. Take the times by team as they stand too, not their rates.
- **Answers** of reporters are shown only of ten or more. Where a group with fewer could be told by taking the others
  from the whole, the next smallest is hidden too. With a period they are shown of whole calendar months, with an area
  only in all, so that two questions do not tell what one does not. `suppressed` says which of these it was. A reporter
  who answers about a second resolution counts once, with the last answer.
- **Times** count what still waits. Leaving it out would call a team quick that leaves the hard cases lying, so
  `median` and `p90` are those of the Kaplan-Meier estimate: a concern that waits at `as_of` (now, unless it is given)
  has taken at least that long. One that ended otherwise (declined, referred, closed) waits no longer than until it
  ended. `count` are those to whom it happened, `waiting` the others; where too many wait, the median is null and
  `reached` says how far the estimate goes. `mean` is of the count alone. Who left no contact waits for no notice.
- **Buckets** of the metrics at `/metrics` are of those to whom it happened; they reach from {shortest:g} s to
  {longest:.0f} days for what machines do, from a minute to {year:.0f} days for what people do.

| name | meaning | unit | formula | events | metric |
| --- | --- | --- | --- | --- | --- |
"""


def page() -> str:
    """The whole page."""
    head = _HEAD.format(shortest=BOUNDS[0], longest=BOUNDS[-1] / DAY, year=HUMAN_BOUNDS[-1] / DAY)
    return head + "".join(_rows())


def _rows() -> Iterator[str]:
    for each in MEASURES:
        events = ", ".join(f"`{event}`" for event in each.events)
        yield (f"| `{each.name}` | {each.meaning} | {each.unit} | {each.formula} | {events} | `{each.prometheus}` |\n")


if __name__ == "__main__":
    print(page(), end="")

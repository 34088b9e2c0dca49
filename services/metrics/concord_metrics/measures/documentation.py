"""Writes docs/measures.md from the definitions.

Run `python -m concord_metrics.measures.documentation > docs/measures.md`.
"""

from collections.abc import Iterator

from concord_metrics.domain.aggregate_columns import BOUNDS, DAY, HUMAN_BOUNDS
from concord_metrics.measures import MEASURES

_HEAD = """# Measures

Concord computes these measures from public events alone. `concord_metrics/measures` defines them, and this page is
generated from it. `GET /v1/measures` returns the same list.

The table at the end has two names for each measure. The first is its name in `GET /v1/summary`, over all concerns and
by area, category, channel and team. The last is its metric at `/metrics`.

## Days and order

A concern counts on the day of its receipt, and in the period of that day. Times come from the events, never from their
arrival. So the figures are the same for every order of events, and for events that arrive late or twice.

## Two acknowledgements

- `notified` and `time_to_acknowledge` belong to the notice that Concord sends by itself after it received a concern.
- `acknowledged` and `time_to_human_acknowledgement` belong to a person of the team who has seen the concern.

## Metrics by group

- **Area, category and channel.** Each measure has one more metric for each, such as
  `concord_concerns_routed_by_area_total`. It has at most 50 values; the rest together have the value `other`.
- **Team.** Counts by team are gauges, such as `concord_concerns_routed_by_team`. A concern counts for its present team
  and leaves the figures of its earlier one. So use the values by team, and no rates of them.

## Survey answers

Small-cell suppression protects the reporters:

- An estimate needs at least ten answers.
- Complementary suppression also hides the next smallest group if the total would reveal a group with fewer than ten.
- In a period, estimates exist for whole calendar months only.
- For one area, estimates exist over all its concerns only, not by category, channel or team. So two requests cannot
  reveal what one does not.

`suppressed` gives the reason. A reporter who answers about a second resolution counts once, with the last answer.

## Times

Times include the concerns that still wait. Without them, a team that leaves its hard cases open would look quick.

- `median` and `p90` are Kaplan-Meier estimates. A concern that still waits at `as_of` has taken at least that long. The
  default of `as_of` is now.
- A declined, referred or closed concern waits until that end and no longer.
- `count` is the number of concerns that reached the step, `waiting` the number of the others.
- If too many wait, the median is null. `reached` is the share that the estimate reaches.
- `mean` covers only the count.
- A reporter without contact waits for no notice.

## Buckets

The histograms at `/metrics` hold the concerns that reached the step. Their buckets reach from {shortest:g} s to
{longest:.0f} days for automatic steps, and from a minute to {year:.0f} days for human actions.

## Definitions

| name | meaning | unit | formula | events | metric |
| --- | --- | --- | --- | --- | --- |
"""


def page() -> str:
    """The whole page."""
    head = _HEAD.format(shortest=BOUNDS[0], longest=BOUNDS[-1] / DAY, year=HUMAN_BOUNDS[-1] / DAY)
    return head + "".join(_rows())


def _rows() -> Iterator[str]:
    for measure in MEASURES:
        events = ", ".join(f"`{event}`" for event in measure.events)
        yield (
            f"| `{measure.name}` | {measure.meaning} | {measure.unit} | {measure.formula} | {events} "
            f"| `{measure.prometheus}` |\n"
        )


if __name__ == "__main__":
    print(page(), end="")

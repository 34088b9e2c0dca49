"""Definitions of all measures: name, meaning, unit, formula and source events.

`/v1/measures` returns them, and docs/measures.md lists them. The names are those in the summary's JSON; `prometheus` is
the metric of the same number. CONTRIBUTING.md, change 5, lists the places of a new measure.
"""

from concord_metrics.measures import intake_and_routing, promises, resident_feedback, team_actions
from concord_metrics.measures.definition import Measure

__all__ = ["BY_NAME", "MEASURES", "Measure"]

MEASURES = (
    *intake_and_routing.MEASURES,
    *team_actions.MEASURES,
    *promises.MEASURES,
    *resident_feedback.MEASURES,
)
BY_NAME = {measure.name: measure for measure in MEASURES}

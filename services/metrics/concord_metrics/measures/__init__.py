"""The one list of what Concord measures: name, meaning, unit, formula and the events it comes from.

Served at /v1/measures and written out in docs/measures.md. The names are those of the summary's JSON; `prometheus`
names the metric that shows the same.
"""

from concord_metrics.measures.definition import Measure
from concord_metrics.measures.intake_and_routing import WAY_MEASURES
from concord_metrics.measures.promises import PROMISE_MEASURES
from concord_metrics.measures.resident_feedback import VOICE_MEASURES
from concord_metrics.measures.team_actions import WORK_MEASURES

__all__ = ["BY_NAME", "MEASURES", "Measure"]

MEASURES = (*WAY_MEASURES, *WORK_MEASURES, *PROMISE_MEASURES, *VOICE_MEASURES)
BY_NAME = {each.name: each for each in MEASURES}

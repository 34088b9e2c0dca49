"""The list of measures: each documented once, on the page as in the code."""

from pathlib import Path

from concord_contracts import CATALOGUE
from concord_metrics.domain.aggregate_columns import COUNTS, TIMES
from concord_metrics.measures import BY_NAME, MEASURES
from concord_metrics.measures.documentation import page

PAGE = Path(__file__).parents[3] / "docs" / "measures.md"


def test_the_page_is_the_list():
    assert PAGE.read_text() == page(), "run: python -m concord_metrics.measures.documentation > docs/measures.md"


def test_every_measure_is_named_once_and_comes_from_public_events():
    assert len(BY_NAME) == len(MEASURES) == len({each.prometheus for each in MEASURES})
    assert all(CATALOGUE[event].public for each in MEASURES for event in each.events)
    assert all(each.unit and each.formula and each.meaning for each in MEASURES)


def test_every_count_and_time_is_a_measure():
    assert {*COUNTS, *(f"time_to_{each}" for each in TIMES)} <= set(BY_NAME)


def test_no_cell_of_the_page_is_broken_by_its_text():
    rows = [line for line in page().splitlines() if line.startswith("| `")]
    assert len(rows) == len(MEASURES)
    assert {line.count("|") for line in rows} == {7}

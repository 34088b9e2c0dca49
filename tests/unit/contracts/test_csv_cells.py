"""Cells that a spreadsheet would run as a formula become text."""

import pytest

from concord_contracts.csv_cells import as_text


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@a", "\tx", "\rx", "\nx"])
def test_a_formula_becomes_text(cell: str) -> None:
    assert as_text(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "R-1", "graffiti", " =1", "2026-12-01T00:00:00Z"])
def test_other_cells_stay(cell: str) -> None:
    assert as_text(cell) == cell

"""Cells of CSV files that spreadsheets open."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A spreadsheet can run a cell with such a start as a formula (OWASP, "CSV Injection"); an apostrophe makes it text."""


def as_text(cell: str) -> str:
    """Return the cell, with an apostrophe before it if a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell

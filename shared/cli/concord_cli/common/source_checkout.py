"""The source checkout that contains this package."""

from pathlib import Path


def source_checkout() -> Path:
    """Return the top folder of the checkout, as seen from this file; some other folder in an installed package."""
    return Path(__file__).resolve().parents[4]

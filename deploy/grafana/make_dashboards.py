"""Writes the dashboards for Grafana, after a change of a query: `python deploy/grafana/make_dashboards.py`."""

import json
from collections.abc import Mapping
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from concord_boards.builder import build
from concord_boards.city import CITY
from concord_boards.platform import PLATFORM

FOLDER = Path(__file__).parent / "dashboards"
BOARDS = {"platform.json": PLATFORM, "city.json": CITY}


def files() -> Mapping[str, str]:
    """The contents of each file."""
    return {
        name: json.dumps(build(board), cls=JSONEncoder, indent=1, sort_keys=True) + "\n"
        for name, board in BOARDS.items()
    }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text)

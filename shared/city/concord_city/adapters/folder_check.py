"""Checks a whole city folder in a process of its own: `python -m concord_city.adapters.folder_check DIR`.

A service that needs only the names of a city so checks the areas and rules too, without the geometry library's memory.
Exit code: 0 if Concord can load the folder, 1 if it has errors, each with a line on standard output.
"""

import sys
from pathlib import Path

from concord_city.adapters.city_loader import load
from concord_city.domain.findings import CityError


def main(folder: str) -> int:
    try:
        load(Path(folder))
    except CityError as error:
        errors = [finding for finding in error.findings if finding.level == "error"]
        print("\n".join(each.file if each.line is None else f"{each.file}:{each.line}" for each in errors))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

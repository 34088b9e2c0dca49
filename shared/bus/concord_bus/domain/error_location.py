"""Names the place of an error without its text."""

import traceback


def error_location(error: BaseException) -> str:
    """Return the class of an error and its place in the code. Its text may quote a resident, so leave it out."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in {frames[-1].name}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"

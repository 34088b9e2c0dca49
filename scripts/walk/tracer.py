"""Records the functions of the product that run, in the order of their first calls."""

import inspect
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
PRODUCT = (f"{ROOT}/services/", f"{ROOT}/shared/")
GENERATED = "<string>"
"""The file name of methods that Python generates for a dataclass."""


class Call(NamedTuple):
    """A function by its file (a path in the repository) and its qualified name."""

    file: str
    function: str


class Tracer:
    """Collects `calls` while `tracing` is open. It leaves out functions that run because of an import."""

    def __init__(self) -> None:
        self.calls: dict[Call, None] = {}

    @contextmanager
    def tracing(self) -> Iterator[None]:
        """Record the calls of all threads that start within the block, and of this one."""
        threading.setprofile(self._note)
        sys.setprofile(self._note)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    def _note(self, frame: FrameType, event: str, _: Any) -> None:
        if event != "call":
            return
        call = _call(frame)
        if call and call not in self.calls and not _importing(frame):
            self.calls[call] = None


def _call(frame: FrameType) -> Call | None:
    code = frame.f_code
    if code.co_filename == GENERATED:
        return _dataclass_call(frame)
    if not code.co_filename.startswith(PRODUCT) or not code.co_flags & inspect.CO_OPTIMIZED:
        return None  # the body of a module or of a class is not a function
    return Call(code.co_filename.removeprefix(f"{ROOT}/"), code.co_qualname)


def _dataclass_call(frame: FrameType) -> Call | None:
    """Return the call of a dataclass's generated method, with the file of the class."""
    if "self" not in frame.f_code.co_varnames:
        return None
    kind = type(frame.f_locals.get("self"))
    file = getattr(sys.modules.get(kind.__module__), "__file__", None) or ""
    if not file.startswith(PRODUCT):
        return None
    return Call(file.removeprefix(f"{ROOT}/"), f"{kind.__qualname__}.{frame.f_code.co_name}")


def _importing(frame: FrameType | None) -> bool:
    while frame:
        if frame.f_code.co_name == "<module>" and frame.f_code.co_filename.startswith(PRODUCT):
            return True
        frame = frame.f_back
    return False

"""One streamed request to intake: lines go out in one thread while their answers are read in another."""

import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from concord_http import HttpError, ServerAddress, UnexpectedStatusError
from concord_http.streaming import stream_lines

PASSING = (408, 429)
"""Statuses below 500 after which the same request may succeed."""


class Interrupted(Exception):
    """The connection broke, or intake is away for now: send the unanswered lines again."""


class Refused(Exception):
    """Intake does not take this request at all; the text says why."""


def send(url: str, source: str, lines: Iterable[bytes], token: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield the answer to each line as it comes. `url` is intake's. Raises Interrupted or Refused."""
    path = f"/v1/concerns:batch?source={quote(source, safe='')}"
    try:
        for line in stream_lines(ServerAddress.parse(url), path, lines, bearer=token):
            yield json.loads(line)
    except UnexpectedStatusError as error:
        if error.status >= 500 or error.status in PASSING:
            raise Interrupted(f"intake answered {error.status}") from error
        raise Refused(f"intake answered {error.status}: {error.excerpt}") from error
    except (HttpError, ValueError) as error:
        raise Interrupted(str(error)) from error

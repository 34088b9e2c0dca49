"""Streaming upload of NDJSON lines to intake, with a result for each line."""

import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

from concord_http import HttpError, InvalidRequestError, ServerAddress, UnexpectedStatusError
from concord_http.streaming import stream_lines

ANSWER_SECONDS = 60.0
RETRY_STATUSES = (408, 429)
"""Statuses below 500 after which the same request may succeed."""


class Interrupted(Exception):
    """A broken connection, or intake is unavailable: send the pending lines again."""


class Refused(Exception):
    """Refusal of the whole request; the text says why."""


def may_succeed_later(status: int) -> bool:
    """Return whether the same request or line may succeed later: after a fault of intake, a slow line, a limit."""
    return status >= 500 or status in RETRY_STATUSES


def send(
    url: str,
    source: str,
    lines: Iterable[bytes],
    token: str | None = None,
    seconds: float = ANSWER_SECONDS,
    *,
    dry_run: bool = False,
) -> Iterator[dict[str, Any]]:
    """Yield the result for each line as it arrives. `url` is intake's, which may be silent for `seconds`.

    Only a login names its source: without a `token`, a line is the same as one before only if all of it is. Raises
    Interrupted or Refused.
    """
    parameters = ({"source": source} if token else {}) | ({"dry_run": "true"} if dry_run else {})
    path = "/v1/concerns:batch" + (f"?{urlencode(parameters, quote_via=quote, safe='')}" if parameters else "")
    try:
        for line in stream_lines(ServerAddress.parse(url), path, lines, bearer=token, seconds=seconds):
            yield json.loads(line)
    except UnexpectedStatusError as error:
        if may_succeed_later(error.status):
            raise Interrupted(f"intake answered {error.status}") from error
        raise Refused(f"intake answered {error.status}: {error.excerpt}") from error
    except InvalidRequestError as error:
        raise Refused(f"the request cannot be sent: {error}") from error
    except (HttpError, ValueError) as error:
        raise Interrupted(str(error)) from error

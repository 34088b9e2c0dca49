"""Cookies: reads those of a request, and writes the header of one to set.

token = read_cookie(request.headers, "__Host-desk")
response.cookies.append(Cookie("__Host-desk", token, secure=True).header)
response.cookies.append(expired("__Host-desk", secure=True).header)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*")


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie that no script can read. Without `max_age` (seconds) it ends with the browser.

    A name that begins with `__Host-` needs `secure`, and the path `/`. Raises ValueError for a name or a value that a
    header cannot hold.
    """

    name: str
    value: str
    max_age: int | None = None
    secure: bool = False
    same_site: Literal["Lax", "Strict"] = "Lax"
    path: str = "/"

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or not _VALUE.fullmatch(self.value):
            raise ValueError(
                f"the cookie {self.name!r} has a character that is not valid in a cookie; encode its value"
            )
        if self.name.startswith("__Host-") and (not self.secure or self.path != "/"):
            raise ValueError(f"the cookie {self.name} must be secure and have the path /")

    @property
    def header(self) -> str:
        """Return the value of `Set-Cookie`."""
        parts = [f"{self.name}={self.value}", f"Path={self.path}", "HttpOnly", f"SameSite={self.same_site}"]
        if self.max_age is not None:
            parts.append(f"Max-Age={self.max_age}")
        if self.secure:
            parts.append("Secure")
        return "; ".join(parts)


def expired(name: str, *, secure: bool = False, path: str = "/") -> Cookie:
    """Return the cookie that makes the browser forget one of that name."""
    return Cookie(name, "", max_age=0, secure=secure, path=path)


def read_cookie(headers: Mapping[str, str], name: str) -> str | None:
    """Return the value of a cookie of the request; the first of several, None without it."""
    for pair in headers.get("cookie", "").split(";"):
        key, sign, value = pair.strip().partition("=")
        if sign and key == name:
            return value.removeprefix('"').removesuffix('"')
    return None

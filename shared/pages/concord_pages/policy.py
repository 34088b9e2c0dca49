"""The security headers of a page."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """The rights of a page, as headers. Nothing loads from another host, and no other site may frame the page.

    `geolocation` lets the page ask for the position of the device. `indexed` lets search engines list it.
    """

    geolocation: bool = False
    indexed: bool = False

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers for `Response`. A browser never stores the page, because it may hold a receipt or typed words."""
        headers = {
            "Content-Security-Policy": CONTENT_POLICY,
            "Permissions-Policy": f"{DENIED}, geolocation={'(self)' if self.geolocation else '()'}",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return headers if self.indexed else headers | {"X-Robots-Tag": "noindex"}


CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self';"
    " manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
DENIED = "camera=(), microphone=(), payment=(), usb=()"
PRIVATE = Policy()
"""For pages with a receipt, a token or a case."""
PUBLIC = Policy(indexed=True)
"""For pages that are the same for everyone."""

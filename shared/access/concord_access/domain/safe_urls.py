"""Addresses to which secrets may go."""

from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def is_safe(url: str) -> bool:
    """Return whether a URL is https, or http on this machine, without a login in it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    plain = parts.scheme == "http" and parts.hostname in LOOPBACK
    return bool(parts.hostname) and (parts.scheme == "https" or plain) and parts.username is None

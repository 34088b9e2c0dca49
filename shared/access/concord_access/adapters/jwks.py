"""An issuer's public keys (JWKS, RFC 7517) in a cache, refreshed when old or when a token names an unknown key."""

import logging
import threading
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from concord_access.domain.errors import SigningKeysUnavailable
from concord_contracts.strict_json import loads

MAX_FRESH_SECONDS = 600.0
MIN_REFRESH_SECONDS = 60.0
"""The minimum time between two requests, whatever tokens arrive."""
MAX_STALE_SECONDS = 24 * 3600.0
"""The maximum age of keys while their source does not respond."""
MAX_JWKS_BYTES = 256 * 1024
"""The maximum size of a JWKS document, in bytes."""
MAX_KEYS = 100
MIN_RSA_BITS = 2048
_PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}

_log = logging.getLogger(__name__)


class UnreadableKeys(Exception):
    """A source returned no valid keys, for the reason in the text. Remedy: check CONCORD_JWT_KEYS."""


class CachedKeys:
    """Implements `ports.SigningKeys`. `fetch` returns a JWKS document, or raises UnreadableKeys."""

    def __init__(self, fetch: Callable[[], bytes], now: Callable[[], float] = monotonic) -> None:
        """Take `now`, a clock in seconds with any origin."""
        self._fetch = fetch
        self._now = now
        self._keys: Mapping[str, Key] = {}
        self._read_at: float | None = None
        self._tried_at = float("-inf")
        self._reading = threading.Lock()

    def find(self, kid: str) -> Key | None:
        key = self._keys.get(kid)
        if key is None or self._age() > MAX_FRESH_SECONDS:
            # With a known key, continue while another thread refreshes; without one, wait.
            self._refresh(wait=key is None)
        if self._age() > MAX_STALE_SECONDS:
            raise SigningKeysUnavailable("The keys of the issuer are not available.")
        return self._keys.get(kid)

    def only(self) -> Key | None:
        """Return the key of an issuer with a single one, for a token that names none; None for several."""
        if not self._keys or self._age() > MAX_FRESH_SECONDS:
            self._refresh(wait=not self._keys)
        if self._age() > MAX_STALE_SECONDS:
            raise SigningKeysUnavailable("The keys of the issuer are not available.")
        return next(iter(self._keys.values())) if len(self._keys) == 1 else None

    def _age(self) -> float:
        return float("inf") if self._read_at is None else self._now() - self._read_at

    def _refresh(self, wait: bool) -> None:
        if not self._reading.acquire(blocking=wait):
            return
        try:
            if self._now() - self._tried_at < MIN_REFRESH_SECONDS:
                return
            self._tried_at = self._now()
            self._keys = read_jwks(self._fetch())
            self._read_at = self._now()
        except UnreadableKeys as error:
            _log.warning("cannot read the keys for bearer tokens: %s", error)
        finally:
            self._reading.release()


def read_jwks(document: bytes) -> dict[str, Key]:
    """Return the public signing keys by `kid`, and ignore other kinds. Raises UnreadableKeys without any."""
    if len(document) > MAX_JWKS_BYTES:
        raise UnreadableKeys(f"the document is larger than {MAX_JWKS_BYTES} bytes")
    try:
        content = loads(document.removeprefix(BOM_UTF8))
    except ValueError:
        raise UnreadableKeys("the document is not JSON with each key once") from None
    entries = content.get("keys") if isinstance(content, dict) else None
    if not isinstance(entries, list) or len(entries) > MAX_KEYS:
        raise UnreadableKeys(f'the document must be {{"keys": [...]}} with at most {MAX_KEYS} keys')
    keys = {key.kid: key for key in map(_key, entries) if key is not None and key.kid}
    if not keys:
        raise UnreadableKeys("the document has no public RSA (2048 bits or more), P-256 or Ed25519 key with a kid")
    return keys


def _key(entry: Any) -> Key | None:
    """Return None for a key that fits none of our algorithms. A JWKS must not hold a private or shared key."""
    if not isinstance(entry, dict) or _PRIVATE & set(entry) or not isinstance(entry.get("kid"), str):
        return None
    if entry.get("use", "sig") != "sig":
        return None
    named = (entry.get("kty"), entry.get("crv"))
    kind = next((kind for names, kind in _KINDS if names == named), None)
    try:
        key = kind.import_key(entry) if kind else None
    except (JoseError, ValueError, TypeError):
        return None
    if isinstance(key, RSAKey) and key.raw_value.key_size < MIN_RSA_BITS:
        return None
    return key


_KINDS: tuple[tuple[tuple[str, str | None], type[RSAKey] | type[ECKey] | type[OKPKey]], ...] = (
    (("RSA", None), RSAKey),
    (("EC", "P-256"), ECKey),
    (("OKP", "Ed25519"), OKPKey),
)

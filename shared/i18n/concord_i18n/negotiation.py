"""Chooses one of the supported languages for a wish: a BCP 47 tag or an Accept-Language header."""

from dataclasses import dataclass

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header


@dataclass(frozen=True, slots=True)
class Languages:
    """`supported` are BCP 47 tags; `default` is one of them, for wishes that none of them meets."""

    supported: tuple[str, ...]
    default: str

    @classmethod
    def with_default(cls, supported: tuple[str, ...], preferred: str) -> "Languages":
        """Take the supported language nearest to `preferred` as the default, else the first one."""
        return cls(supported, match(preferred, supported) or supported[0])

    def nearest(self, tag: str) -> str:
        """Return `es` for `es-MX`, and the default for an unsupported language."""
        return match(tag, self.supported) or self.default

    def negotiate(self, header: str | None) -> str:
        """The best language for an Accept-Language header (RFC 9110); None and malformed headers get the default."""
        ranges = parse_accept_header(header, LanguageAccept) if header else ()
        refused = {_folded(tag) for tag, quality in ranges if quality <= 0}
        offered = tuple(tag for tag in self.supported if refused.isdisjoint(_truncations(_folded(tag))))
        for tag, quality in ranges:
            if quality > 0 and (language := self._offer(tag, offered)):
                return language
        return self.default

    def _offer(self, tag: str, offered: tuple[str, ...]) -> str | None:
        if tag != "*":
            return match(tag, offered)
        return self.default if self.default in offered else next(iter(offered), None)


def match(tag: str, supported: tuple[str, ...]) -> str | None:
    """The supported language nearest to the tag, without regard to case (RFC 4647, lookup).

    `es-MX` finds `es`, then `es-US`; `pt` finds `pt-BR`.
    """
    by_tag = {_folded(language): language for language in supported}
    for part in _truncations(_folded(tag)):
        if part in by_tag:
            return by_tag[part]
        regional = next((language for known, language in by_tag.items() if known.startswith(f"{part}-")), None)
        if regional:
            return regional
    return None


def _folded(tag: str) -> str:
    return tag.lower().replace("_", "-")


def _truncations(tag: str) -> list[str]:
    """`zh-hant-tw`, `zh-hant`, `zh`."""
    parts = tag.split("-") if tag else []
    return ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]

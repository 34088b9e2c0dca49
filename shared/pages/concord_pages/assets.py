"""Style sheets, scripts and icons under names that change with their content, so that browsers keep them for a year."""

import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from concord_web import Problem, Request, Response, http

PAGE_FILES = files("concord_pages").joinpath("static")
"""The folder of the files that every page uses: pages.css, pages.js and icon.svg."""
MEDIA_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
CACHING = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
HASH_LENGTH = 12


class AssetNotFound(KeyError):
    """A page names a file that no folder holds."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file with its fingerprinted name, such as `pages.0123456789ab.css`, and its content, compressed once."""

    name: str
    media_type: str
    content: bytes
    compressed: bytes


class Assets:
    """The files of some folders; a later folder replaces a file of the same name.

    `bundles` name files that consist of others, one after the other: a page that needs two scripts loads one file. A
    bundle may replace one of its parts. Each script stays in a block of its own, so it must not import or export.
    """

    def __init__(self, *folders: Traversable, bundles: Mapping[str, Sequence[str]] | None = None) -> None:
        contents = {file.name: file.read_bytes() for folder in folders for file in _files(folder)}
        for name, parts in (bundles or {}).items():
            contents[name] = b"".join(_block(name, contents[part]) for part in parts)
        self._assets = {name: _asset(name, content) for name, content in contents.items()}
        self._by_address = {asset.name: asset for asset in self._assets.values()}

    def url(self, name: str) -> str:
        """Return the path of a file for a page. Raises AssetNotFound."""
        if name not in self._assets:
            raise AssetNotFound(name)
        return f"/static/{self._assets[name].name}"

    def size(self, name: str) -> int:
        """Return the number of bytes of the compressed file."""
        return len(self._assets[name].compressed)

    def response(self, name: str, accepted_encoding: str) -> Response:
        """Return a file by its fingerprinted name. Raises Problem 404 for any other name."""
        asset = self._by_address.get(name)
        if asset is None:
            raise Problem(404, detail="No such file. Load the page again.")
        if accepts_gzip(accepted_encoding):
            return Response(asset.compressed, 200, CACHING | {"Content-Encoding": "gzip"}, asset.media_type)
        return Response(asset.content, 200, CACHING, asset.media_type)


class StaticRoutes:
    """Mix into a service class with an attribute `assets`."""

    assets: Any

    @http("GET", "/static/{name}", hidden=True)
    def get_static(self, request: Request) -> Response:
        found: Response = self.assets.response(request.params["name"], request.headers.get("accept-encoding", ""))
        return found


def accepts_gzip(header: str) -> bool:
    """Return whether an Accept-Encoding header allows gzip."""
    offers = (part.strip().lower().replace(" ", "") for part in header.split(","))
    return any(offer.startswith("gzip") and not offer.endswith(("q=0", "q=0.0")) for offer in offers)


def compress(content: bytes) -> bytes:
    """Return gzip without a time stamp: the same bytes for the same content."""
    return gzip.compress(content, mtime=0)


def _files(folder: Traversable) -> Iterator[Traversable]:
    yield from sorted((file for file in folder.iterdir() if file.is_file()), key=lambda file: file.name)


def _block(bundle: str, content: bytes) -> bytes:
    return b"{\n" + content + b"}\n" if bundle.endswith(".js") else content


def _asset(name: str, content: bytes) -> Asset:
    stem, _, extension = name.rpartition(".")
    digest = sha256(content).hexdigest()[:HASH_LENGTH]
    return Asset(f"{stem}.{digest}.{extension}", MEDIA_TYPES[extension], content, compress(content))

"""The catalogue as an HTML page: every message with its fields, and links to the documents."""

import base64
import hashlib
from importlib.resources import files

from jinja2 import Environment, PackageLoader, select_autoescape

from concord_contracts.catalogue import CATALOGUE
from concord_contracts.codec import CONTENT_TYPE
from concord_contracts.documents.schemas import ATTRIBUTES, OPTIONAL

_STYLE = files("concord_contracts.documents").joinpath("templates/contracts.css").read_text("utf-8")
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""Content-Security-Policy of the page. It allows only the page's own style."""


def contracts_page() -> str:
    """Return the HTML page. It loads nothing and needs no script."""
    pages = Environment(
        loader=PackageLoader("concord_contracts.documents"),
        autoescape=select_autoescape(),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    kinds = sorted(CATALOGUE.values(), key=lambda kind: (not kind.public, kind.name))
    template = pages.get_template("contracts.html")
    return template.render(
        kinds=kinds, attributes=ATTRIBUTES, optional=OPTIONAL, content_type=CONTENT_TYPE, style=_STYLE
    )

"""The frame of the city around all pages for residents, and the files that they load."""

from importlib.resources import files

from concord_city import City
from concord_i18n.catalogues import Catalogues
from concord_i18n.translator import N_
from concord_pages import PAGE_FILES, Assets, Pages, Site

LINKS = (
    ("/report", N_("Report a concern")),
    ("/track", N_("Follow your concern")),
    ("/privacy", N_("How we use what you send")),
    ("/accessibility", N_("Accessibility")),
)
"""The links at the foot of each page."""
BUNDLES = {
    "pages.css": ("pages.css", "residents.css"),
    "report.js": ("pages.js", "report.js"),
    "track.js": ("pages.js", "track.js"),
}


def page_assets() -> Assets:
    """Return the files of the pages, the style and the scripts each in one file."""
    own = files("concord_intake.entrypoints.pages").joinpath("static")
    return Assets(PAGE_FILES, own, bundles=BUNDLES)


def resident_pages(city: City, catalogues: Catalogues, assets: Assets) -> Pages:
    """Return the pages of a city."""
    site = Site(city.name, city.emergency_number, LINKS)
    languages = catalogues.negotiator(city.languages[0])
    return Pages("concord_intake", "entrypoints/pages/templates", assets, catalogues, languages, site)

"""The frame of the desk's pages, and the files that they load."""

from collections.abc import Callable
from importlib.resources import files

from concord_city import City
from concord_i18n.catalogues import Catalogues, load_catalogues
from concord_pages import PAGE_FILES, Assets, Pages, Site
from concord_routing.entrypoints.pages.sign_in import HOME

OWN_FILES = files("concord_routing.entrypoints.pages").joinpath("static")
BUNDLES = {"pages.css": ("pages.css", "desk.css"), "desk.js": ("pages.js", "keys.js")}


def desk_assets() -> Assets:
    """Return the files of the pages: one style sheet and one script."""
    return Assets(PAGE_FILES, OWN_FILES, bundles=BUNDLES)


def desk_pages(city: Callable[[], City], assets: Assets) -> Callable[[], Pages]:
    """Return the pages of the live city. They are made anew when the city changes."""
    catalogues = load_catalogues()
    made: list[tuple[City, Pages]] = []

    def current() -> Pages:
        live = city()
        if not made or made[0][0] is not live:
            made[:] = [(live, _pages(live, catalogues, assets))]
        return made[0][1]

    return current


def _pages(city: City, catalogues: Catalogues, assets: Assets) -> Pages:
    site = Site(city.name, None, (), HOME)
    languages = catalogues.negotiator(city.languages[0])
    return Pages("concord_routing", "entrypoints/pages/templates", assets, catalogues, languages, site, secure=True)

"""concord_pages: what the pages for people share: frame, forms, style, scripts, headers and languages.

    assets = Assets(PAGE_FILES, files("concord_intake.entrypoints.pages").joinpath("static"))
    pages = Pages("concord_intake", "entrypoints/pages", assets, catalogues, languages, Site("Boston", "911", links))
    pages.response(request, "report.html", form=FormState(values, errors))

Mix `StaticRoutes` into the service class, so that it serves the files of `assets`.
"""

from concord_pages.assets import PAGE_FILES, Asset, AssetNotFound, Assets, StaticRoutes
from concord_pages.form_state import FormState
from concord_pages.languages import LANGUAGE_COOKIE, chosen_language, page_language
from concord_pages.pages import Pages, Site, page_text
from concord_pages.policy import PRIVATE, PUBLIC, Policy

"""Meanings of the words in the name of a property: an id, a name, a kind of area, a row number, or a measure."""

import re
from dataclasses import dataclass


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+")
_IDS = _set("id code cd num numb number no nr key abbr abbrev geoid mapid cod codigo kode ident identifier")
_NAMES = _set("name nm nom nombre nome naam namn navn label title bezeichnung libelle")
_AREAS = _set(
    "area district dist precinct prec beat ward zone sector division neighborhood neighbourhood neighborhoods nhood"
    " nbhd hood borough boro barrio distrito bezirk bez ortsteil stadtteil quartier arrondissement wijk buurt lsoa"
    " msoa tract parish community commune county region"
)
_MEASURES = _set(
    "shape acres sqmi sqkm hectares flaeche superficie leng length perimeter population pop lat lon latitude longitude"
    " created updated modified edited date color colour stroke fill opacity url website phone fax email"
)
_ROWS = re.compile(r"_id|.*objectid(_?\d+)?|(ogc_?)?fid|gid|oid|rowid|.*globalid|uuid|guid|feature_?id|index")
_ID_ENDS, _NAME_ENDS = ("id", "code", "cd", "num"), ("name", "nm")


@dataclass(frozen=True, slots=True)
class PropertyWords:
    """The kinds of words in the name of a property. `exact` means that it is a single word."""

    is_id: bool
    is_name: bool
    is_area: bool
    is_row: bool
    is_measure: bool
    exact: bool


def property_words(name: str) -> PropertyWords:
    """Return the kinds of words in a name such as `LSOA11CD`, `dist_num` or `areaName`."""
    words = [word.lower() for word in _WORDS.findall(name)]
    last = words[-1] if words else ""
    return PropertyWords(
        is_id=not _IDS.isdisjoint(words) or last.endswith(_ID_ENDS),
        is_name=not _NAMES.isdisjoint(words) or last.endswith(_NAME_ENDS),
        is_area=not _AREAS.isdisjoint(words),
        is_row=_ROWS.fullmatch(name.lower()) is not None,
        is_measure=not _MEASURES.isdisjoint(words),
        exact=len(words) == 1,
    )

"""The head and the first rows of a records file, from which a mapping is guessed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from concord_cli.records.csv_rows import ENCODING_FAULT
from concord_cli.records.layout import Layout, detect, folded
from concord_cli.records.mapping import CONCORD
from concord_cli.records.reader import rows_below
from concord_cli.records.rows import InvalidRecords

SAMPLE_ROWS = 2000
NAMES = {
    "id": "nid id caseid caseenquiryid srnumber uniquekey crimeid servicerequestid requestid ticketid referenceno "
    "reference number casenumber incidentid incidentnumber objectid recordid vorgangsnummer meldungsid",
    "category": "ncategory category type complainttype requesttype srtype crimetype servicename casetype kategorie "
    "categorie subject offensetype offense issuetype problemtype",
    "text": "ntext text description details title casetitle descriptor comment comments notes beschreibung "
    "omschrijving requestdetails summary",
    "time": "ntime opened opendt opendate createddate created createdat date datetime reported reportedat month "
    "requestdatetime requesteddatetime dateopened opentime timestamp datum meldedatum occurredon incidentdate",
    "closed": "nclosed closed closeddt closeddate closedate closedat dateclosed completiondate resolutiondate",
    "target": "ntarget target targetdt slatargetdt duedate due targetclosedate expecteddatetime sladate",
    "updated": "updated updateddate lastmodifieddate updateddatetime updatedat resolutionactionupdateddate",
    "lon": "nlon longitude long lon lng x xcoord xcoordinate easting rechtswert",
    "lat": "nlat latitude lat y ycoord ycoordinate northing hochwert",
    "point": "point location geolocation latlong coordinates georeference",
    "area": "narea policedistrict district policeprecinct neighborhood neighbourhood beat ward lsoacode communityarea "
    "precinct stadtbezirk bezirk wijk councildistrict",
    "channel": "nchannel channel source origin requestsource opendatachanneltype reportsource methodreceived",
    "status": "status casestatus requeststatus state",
}
"""Usual names of a column, without spaces and underscores, the likeliest first."""


@dataclass(frozen=True)
class Sample:
    """The head and the first rows of a file, by column."""

    layout: Layout
    rows: Sequence[Sequence[str]]

    def texts(self, name: str) -> list[str]:
        """Return the texts of a column that are not empty."""
        at = self.layout.head.index(name)
        return [text for row in self.rows if len(row) > at and (text := row[at].strip())]

    def column(self, role: str, taken: Sequence[str]) -> str | None:
        """Return the column with the likeliest name for a role."""
        known = {folded(name): name for name in reversed(self.layout.head) if name and name not in taken}
        return next((known[usual] for usual in NAMES[role].split() if usual in known), None)


def read_sample(file: Path) -> Sample:
    """Return a sample of the file. Raises InvalidRecords for a file without a head."""
    usual = {name for names in NAMES.values() for name in names.split()}

    def score(cells: Sequence[str]) -> float:
        texts = [cell for cell in cells if cell.strip() and not re.fullmatch(r"[-+0-9.,:/ ]+", cell.strip())]
        return 10 * sum(folded(cell) in usual for cell in cells) + (len(texts) if len(texts) == len(cells) > 1 else 0)

    layout = detect(file, CONCORD, score)
    rows = list(islice(rows_below(file, layout), SAMPLE_ROWS))
    if any(row.fault == ENCODING_FAULT for row in rows):
        layout = replace(layout, encoding="cp1252")
        rows = list(islice(rows_below(file, layout), SAMPLE_ROWS))
    if not layout.head:
        raise InvalidRecords(f"{file.name} is empty: it needs a line with the names of the columns.")
    return Sample(layout, [row.cells for row in rows if not row.fault])

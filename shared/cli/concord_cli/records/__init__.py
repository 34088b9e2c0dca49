"""Reads the records of any city's export: a mapping says which column is what.

mapping = propose(file)                      # or load_mapping(path), or ready_mapping("boston311")
for row in read_rows(file, mapping, ZoneInfo("America/New_York")):
    ...                                      # a Record, or a RefusedRow with line, cells and reason
"""

from concord_cli.common.records import Record
from concord_cli.records.choice import choose_mapping, choose_source, city_facts
from concord_cli.records.judged import Judged, judge_file, write_refused
from concord_cli.records.layout import Layout, find_layout
from concord_cli.records.mapping import CONCORD, Codes, ColumnMapping, code_of
from concord_cli.records.mapping_toml import FILE_NAME
from concord_cli.records.proposal import propose
from concord_cli.records.reader import Reading, RecordsFile, read_rows
from concord_cli.records.ready import READY, likely_mapping, load_mapping, ready_mapping
from concord_cli.records.rows import Fault, InvalidRecords, Note, RefusedRow
from concord_cli.records.writing import to_toml

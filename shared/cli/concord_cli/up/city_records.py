"""The records that `concord up` imports, read with their mapping and in the time zone of the city."""

from collections.abc import Callable

from concord_cli.common.errors import UsageError
from concord_cli.records import InvalidRecords, Judged, RecordsFile, choose_mapping, city_facts, judge_file
from concord_cli.records.report import some_of
from concord_cli.up.bootstrap import check_city
from concord_cli.up.options import UpOptions
from concord_cli.up.reconciliation import Gap


def read_city_records(options: UpOptions, say: Callable[[str], None]) -> Judged:
    """Return the records, none without a file, and say which rows are no records.

    Raises UsageError if no row is a record.
    """
    if options.records is None:
        return Judged()
    try:
        zone = city_facts(options.city).zone
    except UsageError:
        check_city(options.city, say)  # it lists the faults of all files
        raise
    judged = judge_file(
        RecordsFile(options.records, choose_mapping(options.columns, options.ready, options.city), zone)
    )
    if judged.refused and not judged.records:
        raise InvalidRecords("\n".join(some_of([str(row) for row in judged.refused], "refused rows")))
    for line in some_of([str(note) for note in judged.notes], "notes"):
        say(line)
    for line in some_of([str(row) for row in judged.refused], "refused rows"):
        say(line)
    return judged


def refused_rows(judged: Judged) -> Gap | None:
    """Return the gap that refused rows leave, None without any."""
    if not judged.refused:
        return None
    count, name = len(judged.refused), judged.refused[0].file
    return Gap(f"{count:,} rows of {name} are no records" if count > 1 else f"1 row of {name} is no record", final=True)

"""Check of the zone data: Concord's own, of the package tzdata, against those of the system. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from concord_cli.doctor.findings import Finding, ok, warning

ABOUT = "zone data"
STEP = timedelta(hours=6)
HORIZON = timedelta(days=2 * 366)
"""Concord computes due times and days at most this far ahead."""


@dataclass(frozen=True, slots=True)
class ZoneData:
    """One source's release, such as `2026f`, and its rules for a zone; None for what it does not have."""

    release: str | None
    zone: tzinfo | None


def check_zone(name: str, ours: ZoneData, system: ZoneData, now: datetime) -> Finding:
    """Compare the rules for the zone `name` from `now` (UTC) on."""
    if ours.zone is None or system.zone is None:
        return ok(ABOUT, f"{ours.release or 'unknown'} for {name}; the system has none")
    known = f"Concord's {ours.release or 'unknown'}, the system's {system.release or 'unknown'}"
    difference = first_difference(ours.zone, system.zone, now)
    if difference is None:
        return ok(ABOUT, f"{known}: they agree for {name}")
    what = f"{known}: they differ for {name} from {difference:%Y-%m-%d} on"
    if (system.release or "") > (ours.release or ""):
        return warning(ABOUT, what, "Install a version of Concord with a newer tzdata: it computes with older rules.")
    return warning(ABOUT, what, "Update the system's package tzdata: `date` and other programs show other times.")


def first_difference(one: tzinfo, other: tzinfo, start: datetime) -> datetime | None:
    """Return the first time, to STEP, at which two zones differ in their offset within HORIZON; None without one."""
    moment = start
    while moment < start + HORIZON:
        if moment.astimezone(one).utcoffset() != moment.astimezone(other).utcoffset():
            return moment
        moment += STEP
    return None

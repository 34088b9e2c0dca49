"""Routing: gives each concern to a team, as a case with promised times, or to a person as a task."""

import zoneinfo

zoneinfo.reset_tzpath(())  # the pinned tzdata in place of the system's files, which may be older

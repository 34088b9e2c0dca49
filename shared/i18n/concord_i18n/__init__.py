"""Texts and dates for residents. The languages are those of the gettext catalogues in `locale/`."""

import zoneinfo

zoneinfo.reset_tzpath(())  # the pinned tzdata in place of the system's files, which may be older

"""The `concord` command for city IT. Nothing heavy is imported before a sub-command needs it."""

import zoneinfo

zoneinfo.reset_tzpath(())  # the pinned tzdata in place of the system's files, which may be older

__version__ = "0.10.0"

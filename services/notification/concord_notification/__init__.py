"""Notification: notices by mail to reporters and supervisors, and events to webhooks."""

import zoneinfo

zoneinfo.reset_tzpath(())  # the pinned tzdata in place of the system's files, which may be older

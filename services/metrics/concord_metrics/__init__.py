"""Metrics: measures the city's service from every public event.

`domain.concern_facts` is the state of one concern, `domain.aggregates` its contribution to the sums, `measures` the
definition of each number. Times come from the events, never from their arrival.
"""

import zoneinfo

zoneinfo.reset_tzpath(())  # the pinned tzdata in place of the system's files, which may be older

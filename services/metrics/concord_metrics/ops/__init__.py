"""The ops page: the city's figures and the platform's state on one screen, live.

`city_query` reads the figures from metrics' own database. `service_status` takes the state of the services from their
`/metrics` and `/readyz`. One `publisher` keeps the parts of the page up to date for all viewers of the `event_stream`.
"""

"""The ops page: the city's figures and the platform's state on one screen, live.

The figures come from metrics' own database (`reading`), the state of the services from their `/metrics` and `/readyz`
(`watching`). One producer (`board`) keeps the parts of the page up to date for all viewers (`feed`).
"""

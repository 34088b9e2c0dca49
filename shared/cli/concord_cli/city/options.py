"""Options of `concord city init`, with their validation."""

from pathlib import Path

import click

from concord_cli.common.errors import UsageError

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def time_zone(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Return the IANA name. Raises UsageError for an unknown one."""
    from zoneinfo import available_timezones

    import concord_city  # noqa: F401  its time zones are the pinned ones
    from concord_city.adapters.toml_reader import suggestion

    if value is not None and value not in available_timezones():
        close = suggestion(value, sorted(available_timezones()))
        remedy = close if close.startswith("did") else "write an IANA name such as America/New_York"
        raise UsageError(f"--time-zone: unknown time zone {value!r}: {remedy}")
    return value


def emergency_number(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Return the telephone number. Raises UsageError for another text."""
    from concord_city.adapters.city_toml import NUMBER

    if value is not None and not NUMBER.fullmatch(value):
        raise UsageError(f"--emergency-number: {value!r} is not a telephone number: write digits such as 911")
    return value

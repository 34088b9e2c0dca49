"""The end of a certificate, and the warning before it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Certificate:
    """`name` says which certificate it is, such as `the certificate of broker:5671`. `ends` is a time in UTC."""

    name: str
    ends: datetime

    def is_over(self, now: datetime) -> bool:
        return now >= self.ends

    def warning(self, now: datetime, days: int) -> str | None:
        """Return a sentence from `days` before the end on, and after it; None before."""
        left = self.ends - now
        if self.is_over(now):
            return f"{self.name} has ended on {self.ends:%Y-%m-%d}: renew it now, or no connection can be made"
        if left > timedelta(days=days):
            return None
        rest = "today" if left < timedelta(days=1) else "in 1 day" if left.days == 1 else f"in {left.days} days"
        return f"{self.name} ends {rest}, on {self.ends:%Y-%m-%d}: renew it before"

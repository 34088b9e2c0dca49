"""A filter of audit entries."""

from dataclasses import dataclass
from datetime import datetime

from concord_access.domain.audit_entry import write_moment
from concord_access.domain.hash_chain import Record


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Selects entries; None selects all. Times are aware: `since` is inclusive, `before` exclusive."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    before: datetime | None = None

    @property
    def texts(self) -> dict[str, str]:
        """The exact values to match, by the names of Record's fields."""
        criteria = {"actor": self.actor, "action": self.action, "subject": self.subject}
        return {name: text for name, text in criteria.items() if text is not None}

    @property
    def span(self) -> tuple[str | None, str | None]:
        """`since` and `before` in the text form of entries: these texts sort as the times do."""
        return _written(self.since), _written(self.before)

    def matches(self, record: Record) -> bool:
        since, before = self.span
        in_time = (since is None or record.at >= since) and (before is None or record.at < before)
        return in_time and all(getattr(record, name) == text for name, text in self.texts.items())


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else write_moment(moment)


EVERY_ENTRY = EntryFilter()

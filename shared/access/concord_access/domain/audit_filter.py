"""A filter of audit entries."""

from dataclasses import dataclass
from datetime import datetime

from concord_access.domain.audit_entry import write_moment


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


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else write_moment(moment)


EVERY_ENTRY = EntryFilter()

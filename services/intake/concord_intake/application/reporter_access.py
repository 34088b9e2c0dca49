"""Query: the concern that a reporter opens, with its receipt or with the link in a mail."""

from dataclasses import dataclass, field

from concord_bus.ports import Clock, utc_now
from concord_contracts.status_links import StatusLink, StatusLinks
from concord_intake.application.errors import ConcernNotFound, LinkedConcernNotFound
from concord_intake.domain.concern import Concern
from concord_intake.domain.receipt import Receipts, matches, ungrouped
from concord_intake.ports import Store


@dataclass(frozen=True, slots=True)
class ByReceipt:
    """The receipt as the reporter typed it. It finds the concern alone."""

    receipt: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ByLink:
    """The token of a status link, the last part of the link in a mail."""

    token: str = field(repr=False)


Access = ByReceipt | ByLink


class ReporterAccess:
    """Finds concerns for their reporters."""

    def __init__(self, receipts: Receipts, links: StatusLinks, clock: Clock = utc_now) -> None:
        self._receipts = receipts
        self._links = links
        self._clock = clock

    def link(self, access: Access) -> StatusLink | None:
        """Return the link, None for a receipt. Raises ForgedLink, EndedStatusLink."""
        return self._links.read(access.token, self._clock()) if isinstance(access, ByLink) else None

    def concern(self, access: Access, store: Store) -> Concern:
        """Return the concern.

        Raises ConcernNotFound for a receipt that opens none, LinkedConcernNotFound for the link of an unknown concern,
        ForgedLink and EndedStatusLink.
        """
        link = self.link(access)
        if link is not None:
            concern = store.concerns([link.concern_id]).get(link.concern_id)
            if concern is None:
                raise LinkedConcernNotFound
            return concern
        assert isinstance(access, ByReceipt), "an access without a link is a receipt"
        return self._by_receipt(ungrouped(access.receipt), store)

    def _by_receipt(self, receipt: str, store: Store) -> Concern:
        concern = store.concern_of_receipt(self._receipts.indexes(receipt))
        if concern is None or not matches(concern.id, receipt, concern.receipt_hash):
            raise ConcernNotFound
        return concern

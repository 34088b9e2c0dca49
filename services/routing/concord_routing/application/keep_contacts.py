"""Keep the reporter's contact, encrypted as it came, for an officer who asks for it."""

from collections.abc import Sequence

from concord_bus.domain.errors import ParkMessage
from concord_bus.ports import Work
from concord_contracts import Event
from concord_contracts.messages import ContactRecorded
from concord_routing.domain.resident_words import SealedContact
from concord_routing.ports import Store


def keep_contacts(events: Sequence[Event[ContactRecorded]], work: Work[Store]) -> None:
    """Store the newest contact of each concern, whether it has a case yet or not.

    Raises ParkMessage for a contact that came unencrypted.
    """
    work.store.save_contacts([_sealed(event) for event in events])


def _sealed(event: Event[ContactRecorded]) -> SealedContact:
    if event.sealed is None:
        raise ParkMessage("the contact did not come encrypted")
    return SealedContact(event.partitionkey, event.sequence, event.sealed)

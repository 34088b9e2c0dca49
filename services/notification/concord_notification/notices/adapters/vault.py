"""The vault of contacts and officer messages."""

from dataclasses import asdict
from datetime import datetime

from concord_notification.mail.vault import FernetVault
from concord_notification.notices.domain.concern import ContactDetails, OfficerMessage


class FernetContactVault(FernetVault):
    """Implements `ports.ContactVault`."""

    def seal(self, details: ContactDetails) -> str:
        return self._encrypt(asdict(details))

    def open(self, sealed: str) -> ContactDetails:
        return ContactDetails(**self._decrypt(sealed))

    def seal_message(self, message: OfficerMessage) -> str:
        return self._encrypt(asdict(message))

    def open_message(self, sealed: str) -> OfficerMessage:
        content = self._decrypt(sealed)
        due_at = content.pop("due_at")
        return OfficerMessage(**content, due_at=datetime.fromisoformat(due_at) if due_at else None)

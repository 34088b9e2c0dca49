"""The vault of endpoints: their secrets and contacts."""

from dataclasses import asdict
from datetime import datetime

from concord_notification.mail.vault import FernetVault
from concord_notification.webhooks.domain.endpoint import EndpointSecrets, Secret


class FernetEndpointVault(FernetVault):
    """Implements `ports.EndpointVault`."""

    def seal(self, secrets: EndpointSecrets) -> str:
        return self._encrypt(asdict(secrets))

    def open(self, sealed: str) -> EndpointSecrets:
        content = self._decrypt(sealed)
        secrets = [(row["text"], row["until"]) for row in content["secrets"]]
        return EndpointSecrets(
            tuple(Secret(text, datetime.fromisoformat(until) if until else None) for text, until in secrets),
            content["contact"],
        )

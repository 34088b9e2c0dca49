"""The composer: from a claimed delivery to a mail, or to the reason for having none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from concord_bus.domain.retry import RetryPolicy
from concord_bus.ports import Clock
from concord_notification.mail.address import mailbox
from concord_notification.mail.message import Mail
from concord_notification.mail.ports import VaultUnreadable
from concord_notification.mail.send_result import SendOutcome, SendResult
from concord_notification.notices.domain.concern import Concern, Decision
from concord_notification.notices.domain.delivery import MAIL_RETRIES, Delivery
from concord_notification.notices.domain.team_policy import Digest, TeamMailbox
from concord_notification.notices.ports import ContactVault, Metrics, Renderer, TeamRenderer

log = structlog.get_logger("concord.notification")


@dataclass(frozen=True, slots=True)
class MailComposer:
    """Decrypts a contact only for the time that a mail takes to render.

    `supervisors` gives the e-mail address of each team's supervisor, by the team's code; `teams` the teams that get
    mails.
    """

    vault: ContactVault
    renderer: Renderer
    team_renderer: TeamRenderer
    supervisors: Mapping[str, str]
    teams: Mapping[str, TeamMailbox]
    metrics: Metrics
    clock: Clock
    policy: RetryPolicy = MAIL_RETRIES

    def compose(self, delivery: Delivery, about: Concern | Digest) -> Mail | SendResult:
        """Return the mail, or the result of an attempt that cannot begin. Raises nothing, so that others go out."""
        if self.policy.exhausted(delivery.attempts - 1):
            return SendResult(SendOutcome.EXHAUSTED)
        try:
            return self._compose(delivery, about)
        except VaultUnreadable:
            self.metrics.count_unreadable()
            log.error(
                "no key of the vault decrypts this notice's data: restore the key in CONCORD_VAULT_KEYS",
                notice=delivery.id,
            )
            return SendResult(SendOutcome.RETRY, "vault")
        except Exception as error:  # an edge: a retry follows, and at last a visible failure
            log.error("cannot compose the notice", notice=delivery.id, error=type(error).__name__)
            return SendResult(SendOutcome.RETRY, "writing")

    def _compose(self, delivery: Delivery, about: Concern | Digest) -> Mail | SendResult:
        if isinstance(about, Digest):
            return self._to_team(delivery, about.team, about.decisions)
        decision = about.decision(delivery.cause_id)
        if delivery.to_team:
            return self._to_team(delivery, decision.team, (decision,))
        if not delivery.to_reporter:  # the address is read now: the city folder may have changed since
            return self._render(delivery, decision, None, self.supervisors.get(decision.team or ""))
        if about.contact is None:
            raise ValueError("a notice to a reporter needs their contact")
        details = self.vault.open(about.contact.sealed)
        return self._render(delivery, decision, details.name, details.email)

    def _to_team(self, delivery: Delivery, team: str | None, decisions: Sequence[Decision]) -> Mail | SendResult:
        found = self.teams.get(team or "")
        if found is None:
            return SendResult(SendOutcome.NO_ADDRESS)
        recipient = mailbox(found.address)
        if recipient is None:
            return SendResult(SendOutcome.INVALID_ADDRESS)
        return self.team_renderer.render(delivery, decisions, recipient, self.clock())

    def _render(
        self, delivery: Delivery, decision: Decision, name: str | None, address: str | None
    ) -> Mail | SendResult:
        if address is None:
            return SendResult(SendOutcome.NO_ADDRESS)
        recipient = mailbox(address)
        if recipient is None:
            return SendResult(SendOutcome.INVALID_ADDRESS)
        quoted = delivery.to_reporter and decision.words
        message = self.vault.open_message(quoted) if quoted else None
        return self.renderer.render(delivery, decision, name, message, recipient, self.clock())

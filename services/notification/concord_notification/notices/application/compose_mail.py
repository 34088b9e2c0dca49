"""From a claimed delivery to a mail, or to the reason why there is none."""

from collections.abc import Mapping

import structlog

from concord_bus.domain.retry import RetryPolicy
from concord_bus.ports import Clock
from concord_notification.mail.address import mailbox
from concord_notification.mail.message import Mail
from concord_notification.notices.adapters.metrics import Instruments
from concord_notification.notices.domain.concern import Concern, Decision
from concord_notification.notices.domain.delivery import Delivery
from concord_notification.notices.domain.send_result import Remedy, Result
from concord_notification.notices.ports import Unreadable, Vault, Writer

log = structlog.get_logger("concord.notification")


class Composer:
    """Opens the vault only for as long as a mail takes to write."""

    def __init__(
        self,
        vault: Vault,
        writer: Writer,
        supervisors: Mapping[str, str],
        policy: RetryPolicy,
        clock: Clock,
        instruments: Instruments,
    ) -> None:
        self._vault = vault
        self._writer = writer
        self._supervisors = supervisors
        self._policy = policy
        self._clock = clock
        self._count = instruments

    def compose(self, delivery: Delivery, concern: Concern) -> Mail | Result:
        """A notice that cannot be composed is no reason to hold up the others: nothing is raised."""
        if self._policy.exhausted(delivery.attempts - 1):
            return Result(Remedy.SPENT)
        try:
            return self._write(delivery, concern)
        except Unreadable:
            self._count.unreadable.inc()
            log.error(
                "no key of the vault opens what this notice needs: put back the key that sealed it", notice=delivery.id
            )
            return Result(Remedy.LATER, "vault")
        except Exception as error:  # an edge: tried again later, then given up and visible
            log.error("notice cannot be written", notice=delivery.id, error=type(error).__name__)
            return Result(Remedy.LATER, "writing")

    def _write(self, delivery: Delivery, concern: Concern) -> Mail | Result:
        decision = concern.decision(delivery.cause_id)
        if not delivery.to_reporter:
            return self._to_supervisor(delivery, decision)
        if concern.contact is None:
            raise ValueError("a notice to a reporter needs their contact")
        details = self._vault.open(concern.contact.sealed)
        if details.email is None:
            return Result(Remedy.NO_ADDRESS)
        recipient = mailbox(details.email)
        if recipient is None:
            return Result(Remedy.UNSENDABLE)
        words = self._vault.open_words(decision.words) if decision.words else None
        return self._writer.write(delivery, decision, details.name, words, recipient, self._clock())

    def _to_supervisor(self, delivery: Delivery, decision: Decision) -> Mail | Result:
        """The address is looked up now: the city's folder may have changed since."""
        given = self._supervisors.get(decision.team or "")
        if given is None:
            return Result(Remedy.NO_ADDRESS)
        recipient = mailbox(given)
        if recipient is None:
            return Result(Remedy.UNSENDABLE)
        return self._writer.write(delivery, decision, None, None, recipient, self._clock())

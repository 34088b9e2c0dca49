"""Where webhooks are wired: from settings and the spine to what the service needs of them."""

from prometheus_client import REGISTRY

from concord_bus.health import ConnectionState
from concord_bus.runtime import BusRuntime, utc_now
from concord_bus.settings import SettingsError
from concord_bus.topology import WEBHOOKS
from concord_i18n.translator import Translator
from concord_notification.mail.smtp_mailer import SmtpMailer
from concord_notification.settings import Settings
from concord_notification.webhooks.adapters.dns_resolver import ThreadedResolver
from concord_notification.webhooks.adapters.https_client import HttpsPost, trust
from concord_notification.webhooks.adapters.metrics import Instruments, StandingCollector
from concord_notification.webhooks.adapters.queue_bindings import QueueBindings
from concord_notification.webhooks.adapters.signing import new_secret, signed_headers
from concord_notification.webhooks.adapters.vault import SealedConfidences
from concord_notification.webhooks.application.binding_sync import Binder
from concord_notification.webhooks.application.deliver import Courier
from concord_notification.webhooks.application.fan_out import KnownEndpoints
from concord_notification.webhooks.application.maintenance import Upkeep
from concord_notification.webhooks.application.manage_endpoints import Desk
from concord_notification.webhooks.application.readability import Readability
from concord_notification.webhooks.entrypoints.worker import Rounds, WebhookPart
from concord_notification.webhooks.ports import Standing
from concord_notification.webhooks.settings import CA_FILE


def assemble(settings: Settings, runtime: BusRuntime, known: KnownEndpoints, translator: Translator) -> WebhookPart:
    """`translator` gives the texts for the contacts of endpoints.

    Raises SettingsError when the file of authorities is unusable.
    """
    hosts = settings.webhooks.internal_hosts
    vault, resolver = SealedConfidences(settings.vault_keys), ThreadedResolver()
    try:
        context = trust(settings.webhooks.ca_file)
    except OSError as error:
        raise SettingsError(f"{CA_FILE} cannot be used: {error.strerror or error}") from error
    post = HttpsPost(resolver, context, hosts)
    begin, read = runtime.work, runtime.read
    count = Instruments()
    courier = Courier(begin, read, vault, post, signed_headers, clock=utc_now, changed=known.forget, instruments=count)
    rounds = Rounds(courier)
    state = ConnectionState("binder", runtime.instruments)
    bindings = QueueBindings(runtime.settings.broker, WEBHOOKS, f"{runtime.service} binder")
    binder = Binder(read, bindings, WEBHOOKS.at_will, state)
    runtime.checks.append(binder.problem)
    desk = Desk(
        begin,
        read,
        vault,
        known,
        resolver,
        new_secret,
        internal_hosts=hosts,
        wake=rounds.wake,
        settle=binder.settle,
    )
    REGISTRY.register(StandingCollector(lambda: _standing(runtime), utc_now))
    mailer = SmtpMailer(settings.smtp, settings.mail_from, lines=1)
    readability = Readability(vault, count)
    runtime.checks.append(readability.problem)
    upkeep = Upkeep(begin, read, vault, mailer, settings.mail_from, readability, translator, clock=utc_now)
    return WebhookPart(desk, rounds, binder, upkeep)


def _standing(runtime: BusRuntime) -> Standing:
    with runtime.read() as store:
        standing: Standing = store.webhooks.standing()
    return standing

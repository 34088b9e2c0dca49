"""The composition of webhooks."""

from cryptography.fernet import MultiFernet
from prometheus_client import REGISTRY

from concord_bus.domain.steady_clock import SteadyClock
from concord_bus.health import ConnectionState
from concord_bus.ports import utc_now
from concord_bus.runtime import BusRuntime
from concord_bus.settings import SettingsError
from concord_bus.topology.declarations import WEBHOOKS
from concord_i18n.translator import Translator
from concord_notification.mail.ports import Mailer
from concord_notification.webhooks.adapters.dns_resolver import ThreadedResolver
from concord_notification.webhooks.adapters.https_client import HttpsSession, trust_store
from concord_notification.webhooks.adapters.metrics import WebhookCollector, WebhookMetrics
from concord_notification.webhooks.adapters.queue_bindings import QueueBindings
from concord_notification.webhooks.adapters.signing import new_secret, request_headers
from concord_notification.webhooks.adapters.vault import FernetEndpointVault
from concord_notification.webhooks.application.binding_sync import BindingSync
from concord_notification.webhooks.application.deliver import WebhookDispatcher
from concord_notification.webhooks.application.fan_out import EndpointCache
from concord_notification.webhooks.application.maintenance import Maintenance, VaultCheck
from concord_notification.webhooks.application.manage_endpoints import EndpointService
from concord_notification.webhooks.entrypoints.worker import Webhooks, WebhookWorker
from concord_notification.webhooks.ports import WebhookCounts
from concord_notification.webhooks.settings import CA_FILE, WebhookSettings


def build_webhooks(
    settings: WebhookSettings,
    keys: MultiFernet,
    runtime: BusRuntime,
    cache: EndpointCache,
    mailer: Mailer,
    sender: str,
    translator: Translator,
) -> Webhooks:
    """Build the webhooks. `sender` and `translator` are for mails to contacts.

    Raises SettingsError when the file of certificate authorities is unusable.
    """
    try:
        context = trust_store(settings.ca_file)
    except OSError as error:
        raise SettingsError(f"{CA_FILE} cannot be used: {error.strerror or error}") from error
    begin, read, hosts = runtime.work, runtime.read, settings.internal_hosts
    vault, resolver, metrics = FernetEndpointVault(keys), ThreadedResolver(), WebhookMetrics()
    session = HttpsSession(resolver, context, hosts)
    dispatcher = WebhookDispatcher(
        begin,
        read,
        vault,
        session,
        request_headers,
        metrics,
        clock=utc_now,
        waits_clock=SteadyClock(utc_now),
        on_disabled=cache.invalidate,
    )
    worker = WebhookWorker(dispatcher)
    state = ConnectionState("binder", runtime.instruments)
    bindings = QueueBindings(runtime.settings.broker, WEBHOOKS, f"{runtime.service} binder")
    sync = BindingSync(read, bindings, WEBHOOKS.at_will, state)
    endpoints = EndpointService(
        begin,
        read,
        vault,
        cache,
        resolver,
        new_secret,
        internal_hosts=hosts,
        wake=worker.wake,
        reconcile=sync.reconcile,
    )
    check = VaultCheck(vault, metrics)
    maintenance = Maintenance(begin, read, vault, mailer, sender, check, translator, clock=utc_now)
    runtime.checks += [state.check, check.problem]
    REGISTRY.register(WebhookCollector(lambda: _counts(runtime), utc_now))
    return Webhooks(endpoints, worker, sync, maintenance)


def _counts(runtime: BusRuntime) -> WebhookCounts:
    with runtime.read() as store:
        counts: WebhookCounts = store.webhooks.counts()
    return counts

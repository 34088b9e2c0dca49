"""The dashboard "platform" for operators: the health of each part, and the backlogs.

Processes of one service show the same figures from their one database (`max by (service)`). The queries add
up the counts that each process has for itself (`sum by (service) (rate(…))`).
"""

from concord_boards.board import Board, Kind, PanelSpec, Row

WELL = Row(
    "Is all well?",
    (
        PanelSpec(
            Kind.YES_OR_NO,
            "Services",
            "Yes when Prometheus gets measures from every process of the service, no when one does not answer.",
            {"{{service}}": 'min by (service) (up{job="concord"})'},
            width=8,
            height=5,
        ),
        PanelSpec(
            Kind.YES_OR_NO,
            "Connected to the broker",
            "Yes while every connection of the service's processes to the broker is up.",
            {"{{service}}": "min by (service) (concord_bus_connected)"},
            width=8,
            height=5,
        ),
        PanelSpec(
            Kind.TABLE,
            "Alerts that fire",
            "Each has its page in docs/runbooks.",
            {"": 'ALERTS{alertstate="firing"}'},
            nothing="none",
            width=8,
            height=5,
        ),
        PanelSpec(
            Kind.NUMBER,
            "Parked messages",
            "Messages that could not be handled and wait for a person: concord parked list SERVICE.",
            {"{{service}}": "max by (service) (concord_bus_parked_messages)"},
            warn=1,
            height=5,
        ),
        PanelSpec(
            Kind.NUMBER,
            "Private messages no queue takes",
            "Residents' words that do not reach a team: concord topology apply.",
            {"{{service}}": "max by (service) (concord_bus_unroutable_private)"},
            warn=1,
            height=5,
        ),
        PanelSpec(
            Kind.NUMBER,
            "Oldest message in the outbox",
            "How long a message has waited to be published. Seconds are normal while the broker is away.",
            {"{{service}}": "max by (service) (concord_bus_outbox_oldest_seconds)"},
            unit="s",
            warn=60,
            height=5,
        ),
    ),
)

MESSAGES = Row(
    "Messages",
    (
        PanelSpec(
            Kind.LINES,
            "Read",
            "Messages read in a second, those that came twice included.",
            {"{{service}}": "concord:consumed:rate5m"},
            unit="cps",
        ),
        PanelSpec(
            Kind.LINES,
            "Confirmed by the broker",
            "Messages that the broker has taken over, in a second.",
            {"{{service}}": "sum by (service) (rate(concord_bus_confirmed_total[$__rate_interval]))"},
            unit="cps",
        ),
        PanelSpec(
            Kind.LINES,
            "Backlog",
            "Messages in each queue that nobody has taken yet.",
            {"{{queue}}": "concord:queue_ready:messages"},
        ),
        PanelSpec(
            Kind.LINES,
            "Outbox",
            "Messages that wait in each service's database to be published.",
            {"{{service}}": "max by (service) (concord_bus_outbox_depth)"},
        ),
        PanelSpec(
            Kind.LINES,
            "Tried again",
            "Attempts in a second that failed for a passing cause, and messages that wait for their next one.",
            {
                "{{service}}, attempts in a second": (
                    "sum by (service) (rate(concord_bus_retried_total[$__rate_interval]))"
                ),
                "{{service}}, waiting": "max by (service) (concord_bus_waiting)",
            },
        ),
        PanelSpec(
            Kind.LINES,
            "Refused, returned or twice",
            "In a second: messages the broker refused, messages no queue was bound for, messages that came again and "
            "had no second effect.",
            {
                "{{service}}, refused": "sum by (service) (rate(concord_bus_nacked_total[$__rate_interval]))",
                "{{service}}, to {{exchange}} returned": (
                    "sum by (service, exchange) (rate(concord_bus_returned_total[$__rate_interval]))"
                ),
                "{{service}}, twice": (
                    "sum by (service) (rate(concord_bus_duplicates_suppressed_total[$__rate_interval]))"
                ),
            },
            unit="cps",
        ),
        PanelSpec(
            Kind.LINES,
            "Time to handle a batch",
            "Nine of ten batches are handled within this time, their transaction included.",
            {"{{service}}": "concord:handling_seconds:p90_5m"},
            unit="s",
        ),
        PanelSpec(
            Kind.LINES,
            "Messages in a batch",
            "On average. A service that keeps up has small ones.",
            {
                "{{service}}": "sum by (service) (rate(concord_bus_batch_size_sum[$__rate_interval])) / "
                "sum by (service) (rate(concord_bus_batch_size_count[$__rate_interval]))"
            },
        ),
        PanelSpec(
            Kind.STACK,
            "Read by type",
            "Messages read in a second by all services together, by type.",
            {"{{type}}": "sum by (type) (rate(concord_bus_consumed_total[$__rate_interval]))"},
            unit="cps",
        ),
    ),
)

DOORS = Row(
    "Pages and APIs",
    (
        PanelSpec(
            Kind.LINES,
            "Answers",
            "Answers in a second, probes of Prometheus included.",
            {"{{service}}": "sum by (service) (rate(concord_http_requests_total[$__rate_interval]))"},
            unit="reqps",
        ),
        PanelSpec(
            Kind.LINES,
            "Errors of our own",
            "Share of answers that are 5xx, without /readyz.",
            {"{{service}}": "concord:http_failed:ratio5m"},
            unit="percentunit",
        ),
        PanelSpec(
            Kind.LINES,
            "Time to answer",
            "Nine of ten answers are given within this time.",
            {
                "{{service}}": "histogram_quantile(0.9, "
                "sum by (service, le) (rate(concord_http_request_seconds_bucket[$__rate_interval])))"
            },
            unit="s",
        ),
        PanelSpec(
            Kind.LINES,
            "Open connections",
            "Connections to the service's pages and API.",
            {"{{service}}": "sum by (service) (concord_http_connections)"},
        ),
        PanelSpec(
            Kind.LINES,
            "Refused connections",
            "In a second, by reason: too many, too slow, not HTTP.",
            {
                "{{service}}, {{reason}}": (
                    "sum by (service, reason) (rate(concord_http_refused_total[$__rate_interval]))"
                )
            },
            unit="cps",
        ),
    ),
)

NOTICES = Row(
    "Notices",
    (
        PanelSpec(
            Kind.LINES,
            "Sent and given up",
            "Notices in a minute that the mail server took, and that were given up, by reason.",
            {
                "sent": "60 * sum(rate(concord_notification_delivered_total[$__rate_interval]))",
                "given up, {{reason}}": (
                    "60 * sum by (reason) (rate(concord_notification_failed_total[$__rate_interval]))"
                ),
            },
        ),
        PanelSpec(
            Kind.LINES,
            "Put off",
            "Attempts in a minute that failed for a passing cause.",
            {"{{cause}}": "60 * sum by (cause) (rate(concord_notification_deferred_total[$__rate_interval]))"},
        ),
        PanelSpec(
            Kind.LINES,
            "From due to sent",
            "Nine of ten notices are with the mail server within this time.",
            {
                "nine of ten": "histogram_quantile(0.9, "
                "sum by (le) (rate(concord_notification_delivery_seconds_bucket[$__rate_interval])))"
            },
            unit="s",
        ),
        PanelSpec(
            Kind.BARS,
            "Notices by state",
            "What has become of all notices that are kept.",
            {"{{state}}": "max by (state) (concord_notification_notices)"},
        ),
    ),
)

WEBHOOKS = Row(
    "Webhooks",
    (
        PanelSpec(
            Kind.LINES,
            "Attempts",
            "Attempts in a minute to deliver an event to other services, by how they went.",
            {"{{result}}": "60 * sum by (result) (rate(concord_webhooks_attempts_total[$__rate_interval]))"},
        ),
        PanelSpec(
            Kind.LINES,
            "Longest wait",
            "For how long the delivery that waits longest has been due, and within which time nine of ten arrive.",
            {
                "due": "max(concord_webhooks_oldest_due_seconds)",
                "nine of ten": "histogram_quantile(0.9, "
                "sum by (le) (rate(concord_webhooks_delivery_seconds_bucket[$__rate_interval])))",
            },
            unit="s",
        ),
        PanelSpec(
            Kind.BARS,
            "Endpoints and deliveries",
            "Endpoints by state, and deliveries that are due or were given up.",
            {
                "endpoints, {{state}}": "max by (state) (concord_webhooks_endpoints)",
                "deliveries, {{state}}": "max by (state) (concord_webhooks_deliveries)",
            },
        ),
    ),
)

BROKER = Row(
    "Broker",
    (
        PanelSpec(
            Kind.LINES,
            "Memory",
            "What each node uses, and where it stops taking messages in.",
            {
                "{{instance}}": "max by (instance) (rabbitmq_process_resident_memory_bytes)",
                "{{instance}}, limit": "max by (instance) (rabbitmq_resident_memory_limit_bytes)",
            },
            unit="bytes",
        ),
        PanelSpec(
            Kind.LINES,
            "Free disk",
            "What each node has left, and where it stops taking messages in.",
            {
                "{{instance}}": "min by (instance) (rabbitmq_disk_space_available_bytes)",
                "{{instance}}, limit": "max by (instance) (rabbitmq_disk_space_available_limit_bytes)",
            },
            unit="bytes",
        ),
        PanelSpec(
            Kind.LINES,
            "Alarms and lost nodes",
            "1 while a node blocks all that publish; how many nodes of the cluster it does not reach (RabbitMQ 4).",
            {
                "{{instance}}, memory": "max by (instance) (rabbitmq_alarms_memory_used_watermark)",
                "{{instance}}, disk": "max by (instance) (rabbitmq_alarms_free_disk_space_watermark)",
                "{{instance}}, nodes not reached": "max by (instance) (rabbitmq_unreachable_cluster_peers_count)",
            },
        ),
        PanelSpec(
            Kind.LINES,
            "Readers",
            "Consumers of each queue of ours. A queue with none has a service that is down.",
            {"{{queue}}": "concord:queue_consumers:count"},
        ),
        PanelSpec(
            Kind.LINES,
            "Subscribers",
            "Messages that other city services have not read yet.",
            {"{{queue}}": 'sum by (queue) (rabbitmq_queue_messages_ready{queue=~"sub[.].+"})'},
        ),
        PanelSpec(
            Kind.LINES,
            "Connections",
            "Open connections to each node.",
            {"{{instance}}": "max by (instance) (rabbitmq_connections)"},
        ),
    ),
)

PLATFORM = Board(
    "concord-platform",
    "Concord: platform",
    "Does all of Concord work, and where does it pile up? Every panel says what it shows.",
    "now-6h",
    (WELL, MESSAGES, DOORS, NOTICES, WEBHOOKS, BROKER),
)

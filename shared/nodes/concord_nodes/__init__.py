"""Nodes: private RabbitMQ, PostgreSQL and Prometheus servers and a mail catcher, as child processes.

Each node has a folder of its own and listens on loopback only. A second start on the same folder finds the data of
the first. A node ends with the process that started it, even when that process crashes.
"""

from concord_nodes.errors import NodeError, PartMissing, PortTaken
from concord_nodes.mail_node import MailNode
from concord_nodes.postgres import PostgresNode
from concord_nodes.prometheus import PrometheusNode
from concord_nodes.rabbitmq import RabbitNode

__all__ = ["MailNode", "NodeError", "PartMissing", "PortTaken", "PostgresNode", "PrometheusNode", "RabbitNode"]

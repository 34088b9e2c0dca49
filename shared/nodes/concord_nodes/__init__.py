"""Real parts as child processes: a private RabbitMQ node, PostgreSQL server and Prometheus, a mail catcher.

Each lives in a folder of its own, listens on loopback only, keeps its data when started again on the same
folder, and ends when the process that started it ends, however that happens.
"""

from concord_nodes.errors import NodeError, PartMissing, PortTaken
from concord_nodes.mail_node import MailNode
from concord_nodes.postgres import PostgresNode
from concord_nodes.prometheus import PrometheusNode
from concord_nodes.rabbitmq import RabbitNode

__all__ = ["MailNode", "NodeError", "PartMissing", "PortTaken", "PostgresNode", "PrometheusNode", "RabbitNode"]

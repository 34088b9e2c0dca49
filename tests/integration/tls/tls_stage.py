"""A broker that takes TLS, and the files with which a client may connect."""

from dataclasses import dataclass

from tests.certificates import Authority

from concord_http.tls import TlsFiles
from concord_nodes import RabbitNode

PASSWORD = "of-the-test"


@dataclass(frozen=True, slots=True)
class TlsBroker:
    """A broker whose certificate is for localhost, and which wants one of its clients. `stranger` is another CA."""

    node: RabbitNode
    port: int
    management_port: int
    files: TlsFiles
    stranger: Authority

    def url(self, user: str = "", host: str = "localhost", scheme: str = "amqps", port: int = 0) -> str:
        """The AMQP URL, with the administrator's login by default."""
        login = f"{user}:{PASSWORD}" if user else f"{self.node.user}:{self.node.password}"
        return f"{scheme}://{login}@{host}:{port or self.port}/"

    def management_url(self, host: str = "localhost", scheme: str = "https", port: int = 0) -> str:
        login = f"{self.node.user}:{self.node.password}"
        return f"{scheme}://{login}@{host}:{port or self.management_port}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that name the files."""
        return {
            "CONCORD_BROKER_CA_FILE": str(self.files.ca),
            "CONCORD_BROKER_CERTIFICATE_FILE": str(self.files.certificate),
            "CONCORD_BROKER_KEY_FILE": str(self.files.key),
        }

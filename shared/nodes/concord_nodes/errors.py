"""What can go wrong with a node; every message ends with what to do about it."""


class NodeError(Exception):
    """A node could not be started, stopped or asked."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} {remedy}")
        self.problem = problem
        self.remedy = remedy


class PartMissing(NodeError):
    """The program that the node runs is not installed on this machine."""


class PortTaken(NodeError):
    """Another program listens on a port that was asked for."""

    def __init__(self, host: str, port: int, what: str) -> None:
        super().__init__(
            f"Port {port} on {host}, wanted for {what}, is taken by another program.",
            "Stop that program or choose another port.",
        )

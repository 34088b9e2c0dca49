"""The files and environment from which a private RabbitMQ node starts."""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from concord_nodes.errors import PartMissing
from concord_nodes.node_state import Identity, write_private

# The plain scripts first: Debian's command in /usr/sbin is a wrapper that changes user and logs elsewhere.
SCRIPT_FOLDERS = ("/usr/lib/rabbitmq/bin", "/opt/rabbitmq/sbin", "/usr/local/sbin", "/usr/sbin")

# RabbitMQ turns busy waiting off. A start is thousands of hand-overs between schedulers. Without busy waiting each is
# a sleep and a wake-up, which triples the start on a virtual machine; a very short wait costs an idle node nothing
# measurable. For the ten file schedulers, which wake for every write, waiting took a fifth of the broker's time.
BUSY_WAITING = "+sbwt very_short +sbwtdio none"
# In KiB. With RabbitMQ's own 512, the memory of a queue or channel lies in a carrier of its own, which each garbage
# collection takes from the system and gives back.
CARRIERS = "+MHsbct 4096 +MHlmbcs 20480 +MBsbct 4096 +MBlmbcs 20480"
ERLANG = f"+B i {BUSY_WAITING} {CARRIERS}"


def beside_services() -> int:
    """Return the number of schedulers for a node beside its services on one machine: half of the cores.

    With one scheduler for each core, a scheduler often takes the core of a busy service while another core is idle.
    A start takes a second longer with one scheduler than with two.
    """
    return max(1, (os.cpu_count() or 2) // 2)


@dataclass(frozen=True, slots=True)
class RabbitSettings:
    """Plugins by name; `config` in keys of rabbitmq.conf; limits in bytes; `schedulers` are Erlang's threads."""

    plugins: Sequence[str]
    config: Mapping[str, str]
    memory_limit: int
    disk_free_limit: int
    schedulers: int = 2


def find_script(name: str) -> Path:
    """Return the path of `rabbitmq-server` or `rabbitmqctl`, from Debian's package or the upstream archive.

    Raises PartMissing.
    """
    server = Path(shutil.which("rabbitmq-server") or "").resolve()
    folders = [Path(folder) for folder in SCRIPT_FOLDERS]
    if server.name == "rabbitmq-server":
        folders.insert(0, server.parent)
    for folder in folders:
        if (folder / name).exists() and shutil.which("erl"):
            return folder / name
    raise PartMissing(
        "RabbitMQ is not installed.", "Install it, on Debian or Ubuntu with: apt-get install rabbitmq-server"
    )


def write_files(folder: Path, identity: Identity, settings: RabbitSettings) -> None:
    """Write configuration, plugin list and cookie, all readable by their owner alone."""
    for name in ("home", "conf.d", "log"):
        (folder / name).mkdir(mode=0o700, exist_ok=True)
    write_private(folder / "home" / ".erlang.cookie", identity.secret, mode=0o400)
    write_private(folder / "enabled_plugins", f"[{','.join(settings.plugins)}].\n")
    write_private(folder / "node.config", terms(identity, settings))
    conf = folder / "node.conf"
    conf.unlink(missing_ok=True)
    if settings.config:
        write_private(conf, "".join(f"{key} = {value}\n" for key, value in settings.config.items()))


def terms(identity: Identity, settings: RabbitSettings) -> str:
    """Return the configuration as Erlang terms, which RabbitMQ reads a second faster than rabbitmq.conf."""
    ports = identity.ports
    return f"""[
{{rabbit, [
  {{tcp_listeners, [{{"127.0.0.1", {ports["amqp"]}}}]}},
  {{default_user, <<"{identity.user}">>}}, {{default_pass, <<"{identity.password}">>}},
  {{vm_memory_high_watermark, {{absolute, {settings.memory_limit}}}}},
  {{disk_free_limit, {settings.disk_free_limit}}},
  {{log, [{{file, [{{level, info}}]}}, {{console, [{{enabled, false}}]}}]}}]}},
{{rabbitmq_management, [{{tcp_config, [{{ip, "127.0.0.1"}}, {{port, {ports["management"]}}}]}}]}},
{{rabbitmq_prometheus, [{{tcp_config, [{{ip, "127.0.0.1"}}, {{port, {ports["metrics"]}}}]}}]}},
{{rabbitmq_stream, [{{tcp_listeners, [{{"127.0.0.1", {ports["stream"]}}}]}}]}}
].
"""


def environment(folder: Path, identity: Identity, settings: RabbitSettings) -> dict[str, str]:
    """Return the environment of a node. It names all that the node would otherwise share with the system's RabbitMQ.

    The node has its own epmd on its own port. The guard adopts that daemon, so it ends with the node. With `-sname` the
    Erlang VM itself sets up distribution; RabbitMQ would start a second VM for it.
    """
    node, distribution = f"{identity.name}@localhost", identity.ports["distribution"]
    own_port = (
        f"-kernel inet_dist_listen_min {distribution} inet_dist_listen_max {distribution} "
        "inet_dist_use_interface {127,0,0,1}"
    )
    schedulers = f"{settings.schedulers}:{settings.schedulers}"
    # When there are keys of rabbitmq.conf, the terms extend them as the "advanced" configuration.
    terms_file = str(folder / "node.config")
    advanced = {"RABBITMQ_ADVANCED_CONFIG_FILE": terms_file} if settings.config else {}
    return advanced | {
        "PATH": f"{os.environ.get('PATH', '')}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(folder / "home"),
        "LANG": "C.UTF-8",
        "RABBITMQ_NODENAME": node,
        "RABBITMQ_NODE_PORT": str(identity.ports["amqp"]),
        "RABBITMQ_DIST_PORT": str(distribution),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "no-environment"),
        "RABBITMQ_CONFIG_FILE": str(folder / "node.conf") if settings.config else terms_file,
        "RABBITMQ_CONFIG_FILES": str(folder / "conf.d"),
        "RABBITMQ_PID_FILE": str(folder / "rabbitmq.pid"),
        "RABBITMQ_SERVER_START_ARGS": f"{ERLANG} +S {schedulers} -sname {node} {own_port}",
        "RABBITMQ_CTL_ERL_ARGS": "+sbwt very_short +sbwtdio very_short -start_epmd false",
        "ERL_EPMD_PORT": str(identity.ports["epmd"]),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "detached": "1",  # the script then becomes the Erlang VM instead of staying in front of it
    }

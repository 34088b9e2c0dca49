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

# RabbitMQ turns busy waiting off. Starting is thousands of hand-overs between schedulers, each then a sleep and a
# wake-up, which on a virtual machine triples the time to start: a very short wait there costs nothing measurable when
# idle. Those that write files are ten, and woken for every write: they waited away a fifth of the broker's time.
BUSY_WAITING = "+sbwt very_short +sbwtdio none"
# In KiB. RabbitMQ's largest carrier is 512: a queue's or channel's memory then lies in one of its own, which is got
# from the system and given back with each collection of garbage.
CARRIERS = "+MHsbct 4096 +MHlmbcs 20480 +MBsbct 4096 +MBlmbcs 20480"
ERLANG = f"+B i {BUSY_WAITING} {CARRIERS}"


def beside_services() -> int:
    """Schedulers for a node that shares the machine with the services it serves: half of the cores.

    With one for each core the schedulers keep taking the core on which a service computes, while another stands idle.
    Starting takes a second longer with one than with two.
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
    """`rabbitmq-server` or `rabbitmqctl`, from Debian's package or the upstream archive."""
    beside = shutil.which("rabbitmq-server")
    places = [Path(each) for each in SCRIPT_FOLDERS]
    if beside and Path(beside).resolve().name == "rabbitmq-server":
        places.insert(0, Path(beside).resolve().parent)
    for place in places:
        if (place / name).exists() and shutil.which("erl"):
            return place / name
    raise PartMissing(
        "RabbitMQ is not installed.", "Install it, on Debian or Ubuntu with: apt-get install rabbitmq-server"
    )


def write_files(folder: Path, identity: Identity, settings: RabbitSettings) -> None:
    """Configuration, plugin list and cookie, all readable by their owner alone."""
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
    """The configuration as Erlang terms: read at once, where rabbitmq.conf costs a second of translation."""
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
    """Everything a node would otherwise take from the system is named here, so that nothing of it is touched.

    The node brings an epmd of its own on a port of its own, which ends with it: the guard adopts that daemon.
    With `-sname` the Erlang VM itself sets up distribution; RabbitMQ would start a second VM for it.
    """
    node, distribution = f"{identity.name}@localhost", identity.ports["distribution"]
    own_port = (
        f"-kernel inet_dist_listen_min {distribution} inet_dist_listen_max {distribution} "
        "inet_dist_use_interface {127,0,0,1}"
    )
    schedulers = f"{settings.schedulers}:{settings.schedulers}"
    # With keys of rabbitmq.conf given, the terms go on top of them as the "advanced" configuration.
    terms_file, advanced = str(folder / "node.config"), {}
    if settings.config:
        advanced = {"RABBITMQ_ADVANCED_CONFIG_FILE": terms_file}
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

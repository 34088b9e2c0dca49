"""What the subscriber's people run: lines for a shell, which hold the secret."""

from pathlib import Path
from string import Template

from concord_bus.topology import Grant

CLIENT = Path("shared/client")
LINES = Template("""\
# Subscriber $name. This is shown once: the secret is kept nowhere. In an empty folder of its own:
export CONCORD_URL='$url'
python3 -m venv .venv
.venv/bin/pip install --quiet $client
cat > ${module}_service.py <<'END'
import os

from concord_client import DeadLetterFolder, $imports

subscriber = Subscriber(
    os.environ["CONCORD_URL"],
    queue="$queue",
    types=$types,
    areas=$areas,
    categories=$categories,
    dead_letter=DeadLetterFolder("dead-letters"),$replay
)
subscriber.run(lambda event: print(event.time, event.type, event.concern_id, event.data.get("area"), flush=True))
END
.venv/bin/python ${module}_service.py
""")


def instructions(grant: Grant, url: str, checkout: Path) -> str:
    """The client comes from the checkout where there is one, else from the package index of the city."""
    client = checkout / CLIENT
    replay = "\n    replay=Replay(since=datetime.now(UTC) - timedelta(days=1))," if grant.replay_days else ""
    text = LINES.substitute(
        name=grant.name,
        url=url,
        client=client if client.is_dir() else "concord-client",
        module=grant.name.replace("-", "_"),
        imports="Replay, Subscriber" if replay else "Subscriber",
        queue=grant.queue_names[0],
        types=_list(grant.types),
        areas=_list(grant.areas),
        categories=_list(grant.categories),
        replay=replay,
    )
    return text.replace("import os\n", "import os\nfrom datetime import UTC, datetime, timedelta\n") if replay else text


def _list(codes: tuple[str, ...]) -> str:
    return "[" + ", ".join(f'"{each}"' for each in codes) + "]"

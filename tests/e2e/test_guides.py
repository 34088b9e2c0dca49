"""Each command of README and the guides, run as the page writes it, through the installed command `concord`.

Only ports, ids and placeholders differ from the page.
"""

import json
import os
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import click
import pytest

from concord_cli.commands import concord
from concord_nodes.tcp_ports import free_port

from .guide_commands import PAGES, ROOT, commands_of, split
from .guide_shell import Beside, Shell
from .guide_steps import STORIES, Also, Interrupt, Step
from .running import NO_LIMITS, SAMPLE, gone

RECORDS = 200
PARTS = ("deploy", "docs", "scripts", "services", "shared", ".venv")
PORTS = {"intake": 8080, "routing": 8081, "notification": 8082, "metrics": 8083, "mail-page": 8084}
PLAIN = {name: value for name, value in os.environ.items() if not name.startswith("CONCORD_")}


@dataclass(frozen=True)
class Stage:
    """A clone in which `concord up` runs, and what stands there for texts of the guides."""

    clone: Path
    env: Mapping[str, str]
    names: Mapping[str, str]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("guides")
    clone = folder / "clone"
    clone.mkdir()
    for part in PARTS:
        (clone / part).symlink_to(ROOT / part)
    (clone / "few.csv").write_text("".join(SAMPLE.read_text("utf-8").splitlines(keepends=True)[: RECORDS + 1]), "utf-8")
    (clone / "test_parks.py").write_text(example("docs/guide/subscribing.md", "from concord_client.testing"), "utf-8")
    env = PLAIN | NO_LIMITS | {"HOME": str(folder), "PORT": str(free_port())}
    with Shell(clone, env) as shell:
        shell.run('export PATH="$PWD/.venv/bin:$PATH"')
        (start,) = (each for each in commands_of("docs/guide/webhooks.md") if each.text.endswith("concord up"))
        running = shell.start(f"{start.text} --port-base 0 --records few.csv")
        running.await_text("Running until Ctrl-C")
        yield Stage(clone, env, names_of(clone, env))
        running.interrupt()
    assert gone(clone / ".concord", 10)


def example(page: str, beginning: str) -> str:
    """The Python block of a page that begins so."""
    blocks = re.findall(r"^ *```python\n(.*?)^ *```$", (ROOT / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (found,) = (dedent(block) for block in blocks if dedent(block).startswith(beginning))
    return found


def names_of(clone: Path, env: Mapping[str, str]) -> dict[str, str]:
    """What replaces ports and places of the guides in this run."""
    home = clone / ".concord"
    urls = json.loads((home / "running.json").read_text("utf-8"))["urls"]
    node = json.loads((home / "rabbitmq" / "node.json").read_text("utf-8"))
    ports = {f"127.0.0.1:{port}": urls[part].removeprefix("http://") for part, port in PORTS.items()}
    return ports | {
        "127.0.0.1:8000": f"127.0.0.1:{env['PORT']}",
        "MANAGEMENT": urls["management"].replace("//", f"//{node['user']}:{node['password']}@"),
        "/srv/concord": str(home),
        "CLONE": str(clone),
    }


def replaced(text: str, names: Mapping[str, str]) -> str:
    if not names:
        return text
    longest_first = sorted(names, key=len, reverse=True)
    pattern = "|".join(rf"(?<![\w$-]){re.escape(name)}(?![\w=-])" for name in longest_first)
    return re.sub(pattern, lambda found: names[found[0]], text)


def planned() -> dict[str, list[Step]]:
    """The steps of each page, in order."""
    steps: dict[str, list[Step]] = {page: [] for page in PAGES}
    for story in STORIES.values():
        for step in story:
            if isinstance(step, Step):
                steps[step.page].append(step)
    return steps


@pytest.mark.parametrize("page", PAGES)
def test_each_command_of_a_page_is_accounted_for(page: str) -> None:
    steps = planned()[page]
    texts = [command.text for command in commands_of(page)]

    assert [text for text, step in zip(texts, steps, strict=False) if not text.startswith(step.begins)] == []
    assert texts[len(steps) :] == [], f"{page}: write a Step for each of these commands in guide_steps.py"
    assert steps[len(texts) :] == [], f"{page} has fewer commands than guide_steps.py"


@pytest.mark.parametrize("story", STORIES)
def test_the_commands_do_what_the_guides_say(story: str, stage: Stage) -> None:
    commands = {page: iter(commands_of(page)) for page in PAGES}
    for earlier in list(STORIES)[: list(STORIES).index(story)]:
        for step in STORIES[earlier]:
            if isinstance(step, Step):
                next(commands[step.page])
    names = dict(stage.names)
    waiting: list[tuple[str, Beside]] = []
    report = "true"
    with Shell(stage.clone, stage.env) as shell:
        for step in STORIES[story]:
            if isinstance(step, Interrupt):
                end(shell, waiting, report)
                continue
            text = replaced(step.command if isinstance(step, Also) else next(commands[step.page]).text, names)
            report = text if "/v1/concerns -H 'Content-Type" in text else report
            if isinstance(step, Also):
                names |= taken(step.takes, shell.run_until(text, 0, step.shows))
            elif step.elsewhere or (step.needs and not shutil.which(step.needs)):
                with chdir(stage.clone):
                    assert_readable(text)
            elif step.until_interrupted:
                waiting.append((step.shows, shell.start(text)))
            else:
                names |= taken(step.takes, run(shell, step, text))
        assert waiting == [], "a story ends after its commands: write an Interrupt"


def end(shell: Shell, waiting: list[tuple[str, Beside]], report: str) -> None:
    """Await what the waiting commands should show. Report again meanwhile: the first may have come before they were
    ready."""
    while waiting:
        shows, other = waiting.pop(0)
        other.await_text(shows, lambda: shell.run(report))
        other.interrupt()


def run(shell: Shell, step: Step, command: str) -> str:
    """What a command printed, when it is as the step says."""
    if step.again:
        return shell.run_until(command, step.code, step.shows)
    code, said = shell.run(command)
    assert code == step.code, f"{command}\nexit code {code}:\n{said}"
    assert re.search(step.shows, said), f"{command}\nno {step.shows!r} in:\n{said}"
    return said


def taken(takes: Mapping[str, str], said: str) -> dict[str, str]:
    found = {name: re.search(pattern, said) for name, pattern in takes.items()}
    return {name: match[1] for name, match in found.items() if match}


def assert_readable(text: str) -> None:
    """A command of `concord` that cannot run here has arguments that `concord` takes."""
    if not (found := re.search(r"(?:^|=|\s)concord ([^|)]*)$", text)):
        return
    command: click.Command | None = concord
    arguments = shlex.split(found[1])
    while isinstance(command, click.Group):
        command = command.get_command(click.Context(command), arguments.pop(0))
    assert command is not None, text
    command.make_context(command.name, arguments)


def test_a_command_goes_on_while_a_quote_or_a_line_is_open() -> None:
    block = "one 'a\nb' \\\n  c\n# a comment\ntwo  # why\n"
    assert list(split(block)) == ["one 'a\nb' \\\n  c", "two  # why"]

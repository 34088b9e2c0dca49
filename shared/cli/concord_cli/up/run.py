"""One run of `concord up`, from the first check to the last process ended."""

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from time import monotonic
from types import FrameType

import click

from concord_bus.topology import SERVICES
from concord_cli.common.errors import UsageError
from concord_cli.common.home_folder import Home
from concord_cli.common.import_journal import Journal
from concord_cli.common.importer import Import, to_intake
from concord_cli.common.records import Record, RecordsWrong, read_records
from concord_cli.up.bootstrap import Built, build
from concord_cli.up.city_folder import check_city
from concord_cli.up.completion_monitor import Around, TimeOver, Watch
from concord_cli.up.console import Screen
from concord_cli.up.options import UpOptions
from concord_cli.up.process_group import Platform
from concord_cli.up.processes import rotate
from concord_cli.up.report import Report, as_json, as_table
from concord_cli.up.service_client import Services, queued
from concord_nodes.errors import NodeError

READY_SECONDS = 180.0
ROTATE_SECONDS = 15.0
PORT_ATTEMPTS = 3
"""How often a start is tried whose chosen ports other programs take."""
NOT_ACCOUNTED = 1
INTERRUPTED = 130


class Stopped(Exception):
    """Ctrl-C or SIGTERM."""


def run(wishes: UpOptions) -> int:
    """Run until everything is accounted for (`once`) or until told to stop; the exit code. Raises UsageError."""
    screen = Screen(aside=wishes.as_json)
    records = _records(wishes)
    home = Home.open(wishes.home)
    try:
        for _ in range(PORT_ATTEMPTS - 1):
            built = build(wishes, home)
            try:
                return _run_built(wishes, screen, home, built, records)
            except UsageError as error:
                if not built.lost_port(str(error)):
                    raise
                screen.say(f"{error} Starting again on other ports.")
        return _run_built(wishes, screen, home, build(wishes, home), records)
    except NodeError as error:
        raise UsageError(str(error)) from error
    finally:
        home.close()


def _run_built(wishes: UpOptions, screen: Screen, home: Home, built: Built, records: list[Record]) -> int:
    with _Signals() as signals:
        return Run(wishes, screen, home, built, records, signals).run()


def _records(wishes: UpOptions) -> list[Record]:
    if wishes.records is None:
        return []
    try:
        return read_records(wishes.records)
    except RecordsWrong as error:
        raise UsageError(str(error)) from error


class _Signals:
    """The first SIGTERM or SIGINT asks to stop in order, the second ends everything at once."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.platform: Platform | None = None

    def __enter__(self) -> "_Signals":
        self._before = {each: signal.signal(each, self._on) for each in (signal.SIGTERM, signal.SIGINT)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _on(self, _number: int, _frame: FrameType | None) -> None:
        if self.stop.is_set() and self.platform:
            self.platform.kill()
        self.stop.set()


class Run:
    """The steps of one run, over what they share."""

    def __init__(
        self, wishes: UpOptions, screen: Screen, home: Home, built: Built, records: list[Record], signals: _Signals
    ) -> None:
        self._wishes = wishes
        self._screen = screen
        self._home = home
        self._built = built
        self._records = records
        self._stop = signals.stop
        self._services = Services(built.plan.ports, home.secret("ops-token"))
        started = {"broker": built.apply_topology}
        self._platform = Platform(built.services, built.below, screen.say, started=started, changed=self._publish)
        self._publishing = threading.Lock()
        self._rotated = monotonic()
        signals.platform = self._platform

    def run(self) -> int:
        begun = monotonic()
        self._screen.say(f"Starting in {self._home.folder} …")
        self._platform.start_below()
        try:
            check_city(self._wishes.city, self._screen.say)
            self._platform.start_services()
            self._await_ready(begun)
            code = self._account()
            self._stay()
        except Stopped:
            code = INTERRUPTED if self._wishes.once else 0
        except UsageError:
            self._platform.kill()
            self._platform.await_end()
            raise
        finally:
            self._end()
        return code

    def _account(self) -> int:
        """Take the records in and tell what became of them; whether all is accounted for, as an exit code."""
        try:
            with self._import() as (job, watch), self._screen.progress() as view:
                report = watch.follow(job, view)
        except TimeOver as error:
            self._screen.say(f"Missing: {error}.")
            return NOT_ACCOUNTED
        self._show(report)
        return NOT_ACCOUNTED if report.missing else 0

    def _stay(self) -> None:
        if self._wishes.once:
            return
        self._screen.say("Running until Ctrl-C.")
        while True:
            self._pause(1.0)

    def _end(self) -> None:
        if not self._platform.pids:
            return
        begun = monotonic()
        self._screen.say("Stopping (Ctrl-C once more: at once) …")
        self._platform.stop()
        self._screen.say(f"Stopped after {monotonic() - begun:.1f} s. Everything is kept in {self._home.folder}.")

    def _pause(self, seconds: float) -> None:
        """Wait a little, and meanwhile keep house. Raises Stopped, and UsageError when a part cannot run at all."""
        if self._stop.wait(seconds):
            raise Stopped
        if failure := self._platform.failure:
            raise UsageError(failure)
        if monotonic() - self._rotated > ROTATE_SECONDS:
            self._rotated = monotonic()
            for log in self._home.part("logs").glob("*.log"):
                rotate(log)

    def _await_ready(self, begun: float) -> None:
        """Wait for all services, and until the new queues would survive a crash, which can take longer.

        Raises UsageError when they are not ready in time.
        """
        waiting = list(SERVICES)
        while (waiting := [each for each in waiting if self._services.ready(each)]) or not self._platform.founded:
            if monotonic() - begun > READY_SECONDS:
                reasons = [f"{each}: {', '.join(self._services.ready(each))}" for each in waiting]
                told = "; ".join(reasons or ["the broker's topology is not in place"])
                raise UsageError(f"Not ready after {READY_SECONDS:.0f} s: {told}. See {self._home.part('logs')}.")
            self._pause(0.1)
        self._screen.say(f"Serving after {monotonic() - begun:.1f} s.")
        self._say_urls()

    @contextmanager
    def _import(self) -> Iterator[tuple[Import, Watch]]:
        """The import, to be started, and who watches it; at the end the import is stopped."""
        source = self._wishes.records.name if self._wishes.records else "no records"
        with ExitStack() as held:
            watch = self._watch()
            journal = held.enter_context(Journal(self._home.part("imports"), source))
            if watch.answered(lambda: self._services.ledger("intake"))["concerns"] < len(journal.known):
                journal.forget()
            job = self._job(source, journal)
            if rest := len(job.unanswered()):
                self._announce(rest)
            held.callback(job.wait, 2.0)
            held.callback(job.stop)
            yield job, watch

    def _job(self, source: str, journal: Journal) -> Import:
        return Import(
            self._records,
            source,
            journal,
            to_intake(self._built.urls["intake"], self._home.secret("ops-token")),
            self._screen.say,
            example_contacts=self._built.catcher,
            history=not self._wishes.as_new,
        )

    def _watch(self) -> Watch:
        management, vhost = self._built.management_url, self._built.plan.broker.vhost
        return Watch(
            services=self._services,
            queued=lambda: queued(management, vhost),
            records=self._records,
            pause=self._pause,
            seconds=self._wishes.seconds_for(len(self._records)),
            around=Around(
                self._built.urls, lambda: self._platform.restarts, self._built.catcher and bool(self._records)
            ),
        )

    def _announce(self, rest: int) -> None:
        total = len(self._records)
        which = f"{rest:,} records" if rest == total else f"the remaining {rest:,} of {total:,} records"
        self._screen.say(f"Taking in {which} of {self._wishes.records} …")
        if self._built.catcher:
            self._screen.say("One in five gets an invented contact at example.org, so that there are mails to see.")
        else:
            self._screen.say("No contacts are invented for the records, as mails go to a real server.")

    def _show(self, report: Report) -> None:
        self._screen.console.print(as_table(report))
        for gap in report.missing:
            self._screen.say(f"Missing: {gap.text}.")
        if self._wishes.as_json:
            click.echo(json.dumps(as_json(report), indent=2))
        if not self._wishes.once:
            self._say_urls()

    def _say_urls(self) -> None:
        for name, url in self._built.urls.items():
            self._screen.say(f"  {name:<13} {url}")

    def _publish(self, platform: Platform) -> None:
        with self._publishing:
            self._home.publish({"pids": platform.pids, "urls": self._built.urls})

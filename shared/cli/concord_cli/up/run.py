"""One run of `concord up`, from the first check to the end of the last process."""

import json
import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from time import monotonic
from types import FrameType

import click

from concord_bus.topology.declarations import SERVICES
from concord_cli.common.errors import UsageError
from concord_cli.common.home_folder import Home
from concord_cli.common.importer import Import, to_intake
from concord_cli.records import Judged
from concord_cli.records.report import print_differing
from concord_cli.up.bootstrap import Installation, build, check_city
from concord_cli.up.city_records import read_city_records, refused_rows
from concord_cli.up.completion_monitor import CompletionMonitor, MonitorTimeout, ReportContext
from concord_cli.up.console import Screen
from concord_cli.up.home_city import check_home_city
from concord_cli.up.options import UpOptions
from concord_cli.up.process_group import ProcessGroup
from concord_cli.up.processes import rotate
from concord_cli.up.readiness_news import ReadinessNews
from concord_cli.up.report import Report, as_json, as_table
from concord_cli.up.service_client import Services, queued
from concord_nodes.errors import NodeError

READY_SECONDS = 180.0
ROTATE_SECONDS = 15.0
MAX_PORT_ATTEMPTS = 3
"""Starts with new TCP ports, if other programs take the chosen ones."""
INCOMPLETE = 1
INTERRUPTED = 130


class Stopped(Exception):
    """Ctrl-C or SIGTERM."""


def run(options: UpOptions) -> int:
    """Run until every concern is accounted for (`once`) or until a signal. Return the exit code.

    Raises UsageError.
    """
    screen = Screen(to_stderr=options.as_json)
    check_home_city(options.home, options.city)
    judged = read_city_records(options, screen.say)
    home = Home.open(options.home)
    attempt = 0
    try:
        while True:
            attempt += 1
            installation = build(options, home)
            try:
                with _Signals() as signals:
                    return Run(options, screen, home, installation, judged, signals).run()
            except UsageError as error:
                if attempt == MAX_PORT_ATTEMPTS or not installation.lost_port(str(error)):
                    raise
                screen.say(f"{error} Starting again on other ports.")
    except NodeError as error:
        raise UsageError(str(error)) from error
    finally:
        home.close()


class _Signals:
    """Handlers of SIGTERM and SIGINT: the first signal stops in order, the second at once."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.processes: ProcessGroup | None = None

    def __enter__(self) -> "_Signals":
        self._before = {number: signal.signal(number, self._on) for number in (signal.SIGTERM, signal.SIGINT)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _on(self, _number: int, _frame: FrameType | None) -> None:
        if self.stop.is_set() and self.processes:
            self.processes.kill()
        self.stop.set()


@dataclass
class Run:
    """The steps of one run, with their common state."""

    options: UpOptions
    screen: Screen
    home: Home
    installation: Installation
    judged: Judged
    signals: _Signals

    def __post_init__(self) -> None:
        self._services = Services(self.installation.plan.ports, self.home.secret("ops-token"))
        self._processes = ProcessGroup(
            self.installation.services,
            self.installation.backends,
            self.screen.say,
            started={"broker": self.installation.apply_topology},
            changed=self._publish,
        )
        self._publishing = threading.Lock()
        self._rotated = monotonic()
        self.signals.processes = self._processes

    def run(self) -> int:
        begun = monotonic()
        self.screen.say(f"Starting in {self.home.folder} …")
        self._processes.start_backends()
        try:
            check_city(self.options.city, self.screen.say)
            self._processes.start_services()
            self._await_ready(begun)
            code = self._reconcile()
            self._stay()
        except Stopped:
            code = INTERRUPTED if self.options.once else 0
        except UsageError:
            self._processes.kill()
            self._processes.await_end()
            raise
        finally:
            self._end()
        return code

    def _reconcile(self) -> int:
        """Import the records, print the report and return the exit code of --once."""
        try:
            with self._import() as (job, monitor), self.screen.progress() as view:
                report = monitor.follow(job, view)
            print_differing(job.differs)
        except MonitorTimeout as error:
            self.screen.say(f"Missing: {error}.")
            return INCOMPLETE
        report = replace(report, differs=len(job.differs))
        if gap := refused_rows(self.judged):
            report = replace(report, missing=[*report.missing, gap])
        self._show(report)
        return 0 if report.is_complete else INCOMPLETE

    def _stay(self) -> None:
        if self.options.once:
            return
        self.screen.say("Running until Ctrl-C.")
        while True:
            self._pause(1.0)

    def _end(self) -> None:
        if not self._processes.pids:
            return
        begun = monotonic()
        self.screen.say("Stopping (press Ctrl-C again to stop at once) …")
        self._processes.stop()
        self.screen.say(f"Stopped after {monotonic() - begun:.1f} s. All data are in {self.home.folder}.")

    def _pause(self, seconds: float) -> None:
        """Wait and rotate logs. Raises Stopped after a signal, and UsageError for a process that cannot run."""
        if self.signals.stop.wait(seconds):
            raise Stopped
        if failure := self._processes.failure:
            raise UsageError(failure)
        if monotonic() - self._rotated > ROTATE_SECONDS:
            self._rotated = monotonic()
            for log in self.home.part("logs").glob("*.log"):
                rotate(log)

    def _await_ready(self, begun: float) -> None:
        """Wait until all services are ready and new queues survive a crash, which can take longer.

        Raises UsageError after READY_SECONDS, or after --timeout if that is shorter.
        """
        limit = min(READY_SECONDS, self.options.timeout or READY_SECONDS)
        waiting, news = self._not_ready(SERVICES), ReadinessNews(self.screen.say)
        while waiting or not self._processes.backends_ready:
            news.look(monotonic() - begun, waiting)
            if monotonic() - begun > limit:
                reasons = [f"{name}: {', '.join(texts)}" for name, texts in waiting.items()]
                text = "; ".join(reasons or ["the broker's topology is not in place"])
                raise UsageError(f"Not ready after {limit:.0f} s: {text}. See {self.home.part('logs')}.")
            self._pause(0.1)
            waiting = self._not_ready(waiting)
        self.screen.say(f"Serving after {monotonic() - begun:.1f} s.")
        self._say_urls()

    def _not_ready(self, names: Iterable[str]) -> dict[str, list[str]]:
        """Return those of the services that are not ready, each with its reasons."""
        found = {name: self._services.reasons_not_ready(name) for name in names}
        return {name: reasons for name, reasons in found.items() if reasons}

    @contextmanager
    def _import(self) -> Iterator[tuple[Import, CompletionMonitor]]:
        """Yield the import, not yet started, and its monitor. Stops the import at the end."""
        source = self.judged.source or (self.options.records.name if self.options.records else "no records")
        with ExitStack() as stack:
            monitor, job = self._monitor(), self._job(source)
            stack.callback(job.wait, 2.0)
            stack.callback(job.stop)
            yield job, monitor

    def _job(self, source: str) -> Import:
        return Import(
            self.judged.records,
            source,
            to_intake(self.installation.urls["intake"], self.home.secret("ops-token")),
            self.screen.say,
            example_contacts=self.installation.has_catcher,
            history=not self.options.as_new,
            begin=self._announce,
        )

    def _monitor(self) -> CompletionMonitor:
        management, vhost = self.installation.management_url, self.installation.plan.broker.vhost
        has_example_contacts = self.installation.has_catcher and bool(self.judged.records)
        return CompletionMonitor(
            services=self._services,
            queued=lambda: queued(management, vhost),
            records=self.judged.records,
            pause=self._pause,
            timeout=self.options.timeout_for(len(self.judged.records)),
            context=ReportContext(self.installation.urls, lambda: self._processes.restarts, has_example_contacts),
        )

    def _announce(self) -> None:
        self.screen.say(f"Importing {len(self.judged.records):,} records from {self.options.records} …")
        if self.installation.has_catcher:
            self.screen.say("One record in five gets an invented contact at example.org, so that there are mails.")
        else:
            self.screen.say("The records get no invented contacts, because mails go to a real server.")

    def _show(self, report: Report) -> None:
        self.screen.console.print(as_table(report))
        for gap in report.missing:
            self.screen.say(f"Missing: {gap.text}.")
        if self.options.as_json:
            click.echo(json.dumps(as_json(report), indent=2))
        if not self.options.once:
            self._say_urls()

    def _say_urls(self) -> None:
        for name, url in self.installation.urls.items():
            self.screen.say(f"  {name:<13} {url}")

    def _publish(self, processes: ProcessGroup) -> None:
        with self._publishing:
            self.home.publish({"pids": processes.pids, "urls": self.installation.urls})

"""The ops page over a half year: how soon Chromium paints it, and what its feed costs while concerns come in.

One a second. The cost of the feed is the processor time of metrics with a viewer, less that without one.
"""

import argparse
import http.client
import sys
import time
from collections.abc import Sequence
from statistics import median

import pika
from broker import Broker
from figures import Figure, run
from playwright.sync_api import Browser, sync_playwright
from stage import ROOT, Service, stage

from concord_contracts import CONTENT_TYPE, Codec, Keyrings

sys.path.insert(0, str(ROOT / "tests" / "browser"))
sys.path.insert(0, str(ROOT / "tests" / "unit" / "metrics"))
import metric_events as told
from chromium import started
from half_year import ZONE, fill

CONCERNS = 23_000
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def measure(options: argparse.Namespace) -> Sequence[Figure]:
    seconds = 10 if options.quick else 60
    with stage(postgres=options.postgres) as on, on.broker() as broker:
        url = on.database("metrics")
        fill(url, CONCERNS)
        with on.service("metrics", broker, CONCORD_DATABASE_URL=url, CONCORD_TIME_ZONE=str(ZONE)) as metrics:
            metrics.await_ready()
            with sync_playwright() as playwright, started(playwright) as browser:
                painted, shown = zip(
                    *(opened(browser, metrics.port) for _ in range(3 if options.quick else 7)), strict=True
                )
            without = cost(metrics, broker, seconds, "without")
            with_viewer = watched(metrics, broker, seconds)
    return [
        Figure("ops page, first paint", median(painted) / 1000, "s", target=1, at_most=True),
        Figure("ops page, all figures and the map", median(shown), "s", note="from asking for the page"),
        Figure("its feed", with_viewer - without, "% of a core", target=1, at_most=True, note=f"{without:.2f} without"),
    ]


def opened(browser: Browser, port: int) -> tuple[float, float]:
    """Milliseconds to the first paint, seconds until everything is there, of a browser that knows nothing yet."""
    page = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
    begun = time.monotonic()
    page.goto(f"http://127.0.0.1:{port}/ops")
    page.wait_for_selector("#map svg")
    page.wait_for_selector("[data-figure=open]")
    shown = time.monotonic() - begun
    painted = float(page.evaluate(PAINT))
    page.context.close()
    return painted, shown


def watched(metrics: Service, broker: Broker, seconds: int) -> float:
    """The cost with a viewer, who reads nothing: its socket holds what is sent meanwhile."""
    viewer = http.client.HTTPConnection("127.0.0.1", metrics.port, timeout=10)
    viewer.request("GET", "/ops/feed")
    viewer.getresponse()
    try:
        time.sleep(5)
        return cost(metrics, broker, seconds, "with")
    finally:
        viewer.close()


def cost(metrics: Service, broker: Broker, seconds: int, name: str) -> float:
    """Percent of a core that metrics takes while a concern comes in each second."""
    properties = pika.BasicProperties(content_type=CONTENT_TYPE, delivery_mode=2)
    codec, begun, before = Codec(Keyrings({})), time.monotonic(), metrics.cpu
    for number in range(seconds):
        each = codec.encode(told.received(f"{name}-{number}"))
        broker.channel.basic_publish(each.exchange, each.routing_key, each.body, properties)
        time.sleep(max(0.0, begun + number + 1 - time.monotonic()))
    return 100 * (metrics.cpu - before) / (time.monotonic() - begun)


if __name__ == "__main__":
    run("Ops page", measure, __doc__)

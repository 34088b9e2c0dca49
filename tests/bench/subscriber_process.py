"""One process of another city service, or of pika alone: receives COUNT events, then prints how long it took.

Arguments: client or plain, URL, queue, count. Prints seconds from the first event to the last, and CPU seconds.
"""

import sys
import time

import pika

from concord_client import DeadLetterFolder, Subscriber

PREFETCH = 500


def with_client(url: str, queue: str, count: int) -> tuple[float, float]:
    letters = DeadLetterFolder("dead-letters")
    options = {"types": ["concern.routed.v1"], "areas": ["B2", "B3"], "categories": ["graffiti"]}
    with Subscriber(url, queue=queue, dead_letter=letters, prefetch=PREFETCH, **options) as subscriber:
        events = iter(subscriber)
        next(events)
        begun, cpu = time.monotonic(), time.process_time()
        for _ in range(count - 1):
            next(events)
        return time.monotonic() - begun, time.process_time() - cpu


def with_pika(url: str, queue: str, count: int) -> tuple[float, float]:
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    channel.basic_qos(prefetch_count=PREFETCH)
    begun = cpu = 0.0
    for number, (method, _properties, _body) in enumerate(channel.consume(queue), start=1):
        if number == 1:
            begun, cpu = time.monotonic(), time.process_time()
        channel.basic_ack(method.delivery_tag)
        if number == count:
            break
    taken = time.monotonic() - begun, time.process_time() - cpu
    connection.close()
    return taken


if __name__ == "__main__":
    kind, url, queue, count = sys.argv[1:]
    receive = with_client if kind == "client" else with_pika
    seconds, cpu = receive(url, queue, int(count))
    print(f"{seconds:.6f} {cpu:.6f}", flush=True)

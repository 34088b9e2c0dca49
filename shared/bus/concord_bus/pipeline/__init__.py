"""The one way to consume: from raw deliveries to effects, exactly once, without losing a message.

When `Pipeline.take` returns, every delivery has a durable result: it took effect, it is a duplicate, it waits for its
next attempt, or an operator has to look at it. Only then may the caller acknowledge it. A handler may raise:

- `ParkMessage`: the message can never take effect. The pipeline parks it.
- `ResourceUnavailable`: a resource is away. The pipeline records nothing; the caller keeps the deliveries and retries.
- any other error: the message waits for another attempt, with a growing delay. After the last attempt it is
  parked.
"""

"""`concord up` says why a service takes long to become ready, once for each reason."""

from concord_cli.up.readiness_news import QUIET_SECONDS, ReadinessNews

FULL = "the disk of /data is full: 3 MiB left, fewer than 64; free space there"


def test_a_reason_is_said_once_after_a_while_and_again_when_it_changes() -> None:
    said: list[str] = []
    news = ReadinessNews(said.append)
    news.look(QUIET_SECONDS - 0.1, {"intake": [FULL]})
    assert said == []
    news.look(QUIET_SECONDS, {"intake": [FULL], "routing": ["no response yet"]})
    news.look(QUIET_SECONDS + 1, {"intake": [FULL.replace("3 MiB", "2 MiB")], "routing": ["no response yet"]})
    assert said == [f"intake is not ready: {FULL}", "routing is not ready: no response yet"]
    news.look(QUIET_SECONDS + 2, {"intake": ["the relay is away", "the consumer is away"]})
    assert said[2:] == ["intake is not ready: the relay is away; the consumer is away"]

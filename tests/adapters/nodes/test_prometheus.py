"""The private Prometheus: what it says, what it keeps, what it refuses."""

from pathlib import Path

import pytest

from concord_nodes import NodeError, PrometheusNode
from concord_nodes.tcp_ports import until


def test_it_answers_questions(prometheus: PrometheusNode) -> None:
    assert prometheus.start() is prometheus
    assert prometheus.query("1 + 1")[1] == "2"


def test_a_question_it_cannot_read_is_refused_in_its_words(prometheus: PrometheusNode) -> None:
    with pytest.raises(NodeError, match="parse error"):
        prometheus.query("sum(")


def test_what_it_gathered_survives_a_restart(prometheus: PrometheusNode, tmp_path: Path) -> None:
    config = tmp_path / "own.yml"
    with PrometheusNode(tmp_path / "node", config=None) as node:
        port = node.port
    scraping = f'scrape_configs: [{{job_name: itself, static_configs: [{{targets: ["127.0.0.1:{port}"]}}]}}]\n'
    config.write_text(f"global: {{scrape_interval: 1s, scrape_timeout: 1s}}\n{scraping}")
    node = PrometheusNode(tmp_path / "node", config, port=port)
    with node:
        assert until(lambda: bool(node.query("up == 1")), 20)
    with node:
        assert node.query("count_over_time(up[1m])")
        node.discard()
    assert not node.folder.exists()


def test_a_configuration_it_cannot_read_is_named(prometheus: PrometheusNode, tmp_path: Path) -> None:
    config = tmp_path / "bad.yml"
    config.write_text("nonsense: true\n")
    with pytest.raises(NodeError, match="nonsense"):
        PrometheusNode(tmp_path / "node", config).start()

#!/bin/sh
# Every check of the text: format, lint, types, import rules. Stops at the first that fails.
set -e
ruff format --check .
ruff check .
find shared services -maxdepth 2 -name 'concord_*' ! -name '*.egg-info' -type d | sort |
    xargs mypy tests/conftest.py deploy/grafana/concord_boards deploy/grafana/make_dashboards.py
lint-imports

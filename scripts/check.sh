#!/bin/sh
# Every check of the text: format, lint, types, import rules, English. Stops at the first that fails.
set -e
ruff format --check .
ruff check .
find shared services -maxdepth 2 -name 'concord_*' ! -name '*.egg-info' -type d | sort |
    xargs mypy tests/conftest.py deploy/grafana/concord_boards deploy/grafana/make_dashboards.py \
    scripts/prose scripts/walk scripts/trace_walk.py scripts/check_prose.py scripts/check_commits.py
lint-imports
python scripts/check_prose.py

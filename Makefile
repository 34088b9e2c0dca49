# Everything a newcomer or a CI machine runs. `make` alone shows what there is.
.DEFAULT_GOAL := help
.PHONY: help run test check catalogue bench chaos test-compose test-clients test-promtool walk clean

BOOTSTRAP := sh scripts/bootstrap.sh
UP := concord up --home .concord $(if $(ONCE),--once) $(ARGS)

help:  ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | awk -F'|' '{printf "  make %-14s %s\n", $$1, $$2}'

run:  ## set up what is missing, then run all of Concord on real concerns (ONCE=1: stop when all are accounted for)
	@$(BOOTSTRAP) --need rabbitmq -- $(UP)

TEST_PARTS := --need rabbitmq --need postgresql --need prometheus --need chromium --need npm

# One seed for all workers: they must find the tests in the same order. Tests often wait, so three workers share two cores.
test:  ## set up what is missing, then every check and every test with real parts
	@$(BOOTSTRAP) --dev $(TEST_PARTS) -- sh scripts/check.sh
	@PYTHONHASHSEED=0 .venv/bin/pytest -n 3 --dist loadfile --ignore tests/bench --ignore tests/chaos --ignore tests/compose --ignore tests/clients

check:  ## format, lint, types, import rules, English, unit tests: no broker needed
	@$(BOOTSTRAP) --dev -- sh scripts/check.sh
	@.venv/bin/pytest tests/unit

catalogue:  ## bring the gettext catalogues up to date with the messages in code and templates
	@$(BOOTSTRAP) -- sh scripts/catalogue.sh

bench:  ## measure speed and memory (ARGS=--quick: smaller runs, ARGS=--postgres: on PostgreSQL)
	@$(BOOTSTRAP) --dev --need rabbitmq --need postgresql --need chromium -- python -W ignore tests/bench/all.py $(ARGS)

chaos:  ## kill services and the broker at random moments and count what is left
	@$(BOOTSTRAP) --dev --need rabbitmq --need postgresql -- pytest tests/chaos -s

test-compose:  ## bring docker-compose.yml up healthy and send a concern through (needs a Docker engine)
	@$(BOOTSTRAP) --dev -- pytest tests/compose -s

test-clients:  ## run the programs of docs/guide/other-clients.md with libraries in a temporary folder (needs npm)
	@$(BOOTSTRAP) --dev --need rabbitmq --need npm -- sh scripts/test_clients.sh

test-promtool:  ## test the alert rules with the promtool of another Debian package (PROMTOOL_DEB=FILE or an address)
	@$(BOOTSTRAP) --dev -- sh scripts/test_promtool.sh

walk:  ## follow one concern through the services and print each function (ARGS=--write: update docs/walk.md)
	@$(BOOTSTRAP) --dev -- python -W ignore scripts/trace_walk.py $(ARGS)

clean:  ## remove what runs and tests left behind: .concord with its data, caches
	rm -rf .concord .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -path ./.venv -prune -o -name __pycache__ -type d -exec rm -rf {} +

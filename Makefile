# The commands of the project. `make help` lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

help: ## Show this list.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# The demo makes its own settings and secrets; these two only let Django start, for it and for the static checks.
DEMO_ENVIRONMENT := TENANT0_ISSUER=http://localhost:8000/ SECRET_KEY=replaced-by-the-demos-own-random-secret-key

demo: $(VENV)/.demo ## Run everything on this machine: no PostgreSQL, no Redis, nothing to configure.
	@$(DEMO_ENVIRONMENT) $(BIN)/python manage.py demo $(DEMO)

demo-reset: $(VENV)/.demo ## Forget the demo's data and run it anew.
	@$(DEMO_ENVIRONMENT) $(BIN)/python manage.py demo --reset $(DEMO)

test: $(VENV)/.dev ## Run all tests: on SQLite without Redis, then on PostgreSQL with Redis and Chromium.
	@$(BIN)/python tools/services.py install
	env -u DATABASE_URL -u REDIS_URL $(BIN)/pytest -n auto --dist loadgroup -q -m "not browser and not postgres"
	$(BIN)/python tools/services.py run -- $(BIN)/pytest -n auto --dist loadgroup

check: $(VENV)/.dev ## Format, lint, types, layers, pending migrations, templates.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(DEMO_ENVIRONMENT) $(BIN)/mypy .
	$(BIN)/lint-imports
	$(DEMO_ENVIRONMENT) $(BIN)/python manage.py check --fail-level WARNING
	$(DEMO_ENVIRONMENT) $(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/djlint --lint --quiet templates

services: $(VENV)/.dev ## Open a shell with a throw-away PostgreSQL and Redis; leaving it stops them.
	@$(BIN)/python tools/services.py run -- $${SHELL:-/bin/sh}

bench: $(VENV)/.dev ## Measure CPU and SQL per request on PostgreSQL, beside the budgets.
	@$(BIN)/python tools/services.py run -- $(BIN)/python -m bench.run $(BENCH)

format: $(VENV)/.dev ## Format the code.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

messages: $(VENV)/.dev ## Collect and compile the translations.
	$(DEMO_ENVIRONMENT) $(BIN)/python manage.py makemessages --all --ignore=.venv --ignore=var
	$(DEMO_ENVIRONMENT) $(BIN)/python manage.py compilemessages --ignore=.venv

# Keeps the versions that still fit; `make lock UPGRADE=--upgrade` takes the newest.
lock: ## Resolve the requirement files again, with hashes.
	@set -e; uv=$$(command -v uv || true); scratch=; \
	if [ -z "$$uv" ]; then scratch=$$(mktemp -d); $(PYTHON) -m venv $$scratch; \
		$$scratch/bin/pip install --quiet --disable-pip-version-check uv; uv=$$scratch/bin/uv; fi; \
	for name in requirements requirements-demo requirements-dev; do \
		$$uv pip compile --quiet $(UPGRADE) --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
			--no-emit-find-links --no-header --no-annotate $$name.in -o $$name.txt; done; \
	if [ -n "$$scratch" ]; then rm -rf "$$scratch"; fi

clean: ## Remove what was built and what the demo stored.
	rm -rf $(VENV) var

$(VENV)/pyvenv.cfg:
	@if [ -z "$(PYTHON)" ]; then echo "tenant0 needs Python 3.11 or newer; please install it." >&2; exit 1; fi
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || ( \
		echo "installing Python's venv module" >&2; \
		if command -v apt-get >/dev/null 2>&1; then \
			$$( [ "$$(id -u)" = 0 ] || echo sudo ) sh -c 'apt-get update -qq && apt-get install -y -qq $(notdir $(PYTHON))-venv' >/dev/null; \
		else echo "please install Python's venv module" >&2; exit 1; fi )
	@# A half-made environment would pass for a whole one the next time.
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.demo: $(VENV)/pyvenv.cfg requirements.txt requirements-demo.txt
	@echo "installing the requirements" >&2
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-demo.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.demo requirements-dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

.PHONY: help demo demo-reset test check services bench format messages lock clean

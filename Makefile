# Whatever is done to this tree. `make` alone lists it.
.DEFAULT_GOAL := help
.PHONY: help install run test test-orders test-browser test-deploy test-faults test-ftm test-upgrade fuzz lint sbom format coverage mutants bench bench-scale clean
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c

# What many processes of the tests import is compiled once: each took 5 s longer where it may not be kept.
export PYTHONDONTWRITEBYTECODE :=

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
BIN := .venv/bin

# The pins hold for the build of our own package too: pip before 25.3 takes them from the first, later ones from the second.
export PIP_CONSTRAINT := constraints.txt
export PIP_BUILD_CONSTRAINT := constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# squawk's rules that do not fit: VARCHAR without a length is text, and only Alembic's own table has one; SQLAlchemy
# numbers rows by BIGSERIAL; a CHECK bounds what is 32 bits wide; a migration may take as long as its data need; a
# vocabulary grows by dropping its CHECK and adding a wider one; a foreign key comes with a new column, null everywhere.
SQUAWK_EXCEPT := prefer-text-field,prefer-identity,prefer-bigint-over-int,require-statement-timeout,ban-drop-constraint,adding-foreign-key-constraint

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: .venv/installed ## serve the API on port 8000, with the seed in a SQLite store (PORT=, HOST=)
	@exec $(BIN)/dealgraph serve --host $(HOST) --port $(PORT)

fuzz: .venv/installed-dev ## ask every operation by Schemathesis, on both databases (DEALGRAPH_FUZZ_EXAMPLES=, DEALGRAPH_FUZZ_SECONDS= bounds it)
	@$(BIN)/pytest -n 2 -m fuzz -rP tests/fuzz $(ARGS)

TESTS := $(BIN)/pytest --timeout 300 -m 'not faults and not ftm and not browser and not fuzz and not deploy and not upgrade'
test: .venv/installed-dev ## run the tests, on SQLite and on a PostgreSQL of their own (ARGS=, TEST_DATABASE_URL=)
	@$(TESTS) $(ARGS)

RUNS ?= 20
test-orders: .venv/installed-dev ## run them again and again, each time in another random order (RUNS=20, ARGS=)
	@for run in $$(seq $(RUNS)); do $(TESTS) --quiet $(ARGS); done

CHROMIUM := chromium chromium-browser google-chrome google-chrome-stable
test-browser: .venv/installed-dev ## walk through the explorer in Chromium, which apt-get installs where there is none
	@command -v $(CHROMIUM) >/dev/null || { apt-get update --quiet && apt-get install --quiet --yes chromium; } \
		|| { echo 'Chromium is missing: install one of $(CHROMIUM)' >&2; exit 1; }
	@$(BIN)/pytest -n 0 -m browser tests/web $(ARGS)

test-faults: .venv/installed-dev ## break servers, stores, disks, networks and clocks (DEALGRAPH_TEST_SCALE=10 for the full size)
	@$(BIN)/pytest -m faults $(ARGS)

test-deploy: .venv/installed-dev ## try the files of docs/deploy and docs/prometheus; apt-get installs nginx and promtool
	@{ command -v nginx && command -v promtool && command -v systemd-analyze; } >/dev/null \
		|| { apt-get update --quiet && apt-get install --quiet --yes --no-install-recommends nginx prometheus systemd; }
	@$(BIN)/pytest -n 0 -m deploy tests/deploy $(ARGS)

BEFORE = $(shell git log --diff-filter=A --format=%H~1 -1 -- migrations/versions)
test-upgrade: .venv/installed-dev ## let the code of a commit and this one write to one store at once (BEFORE=v1.0.0; else that before the newest migration)
	@rm -rf build/before && mkdir -p build/before && git archive $(BEFORE) | tar -x -C build/before
	@DEALGRAPH_CODE_BEFORE=$(CURDIR)/build/before $(BIN)/pytest -n 2 -m upgrade tests/faults $(ARGS)

test-ftm: .venv/installed-ftm ## check exports against the model of FollowTheMoney (needs a C++ compiler and libicu-dev)
	@$(BIN)/pytest -n 0 -m ftm tests/transfer $(ARGS)

lint: .venv/installed-dev ## check style, types, imports, dependencies and their licences, migrations and the Dockerfile
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	DEALGRAPH_DATABASE_URL=postgresql:// $(BIN)/alembic upgrade head --sql \
		| $(BIN)/squawk --stdin-filepath migrations.sql --exclude $(SQUAWK_EXCEPT)
	$(BIN)/hadolint Dockerfile
	$(BIN)/python -m tests.packaging.licences

sbom: .venv/installed-dev ## write sbom.json, the bill of materials (CycloneDX) of all that runs with every extra
	$(PYTHON) -m venv --clear build/sbom
	build/sbom/bin/pip install --quiet '.[mcp,otel,parquet]'
	$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --output-file sbom.json build/sbom
	rm -rf build/sbom

install: .venv/installed-dev ## make .venv with the pinned versions of everything that the other commands need

format: .venv/installed-dev ## format the code and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

coverage: .venv/installed-dev ## run all tests and show which lines they leave out
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -m 'not upgrade' $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-covered --show-missing --sort=cover

DATABASES ?= sqlite
mutants: .venv/installed-mutation ## change the code where it matters most, and look whether a test notices (ONLY='app.ledger.*', DATABASES=)
	TEST_DATABASES=$(DATABASES) $(BIN)/mutmut run --max-children 1 $(if $(ONLY),'$(ONLY)')
	$(BIN)/mutmut results

bench: .venv/installed-bench ## measure reads, writes, pages, start and size, beside what others take for the same
	$(BIN)/python -m benchmarks.reads
	$(BIN)/python -m benchmarks.writes
	$(BIN)/python -m benchmarks.pages
	$(BIN)/python -m benchmarks.start

bench-scale: .venv/installed-bench ## measure questions on a million companies, beside bare SQL, Kuzu and networkx, and lists of as many contracts (STORE=folder keeps the graph)
	$(BIN)/python -m benchmarks.graph 1000000 5000000 $(STORE)
	$(BIN)/python -m benchmarks.lists 1000000
	$(BIN)/python -m benchmarks.suggest 1000000
	$(BIN)/python -m benchmarks.growth
	$(BIN)/python -m benchmarks.transfer 1000000

clean: ## take away what was made here, but not a store
	rm -rf .venv build dist sbom.json mutants *.egg-info .coverage .coverage.* .hypothesis .import_linter_cache .*_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed: make PYTHON=...")'
	@echo "installing into .venv, about half a minute the first time"
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv --clear .venv
	@$(BIN)/pip install --quiet --editable .
	@touch $@

.venv/installed-dev: .venv/installed
	@echo "installing what tests and checks need, about as long again"
	@$(BIN)/pip install --quiet --editable '.[dev]'
	@touch $@

.venv/installed-ftm: .venv/installed-dev
	@$(BIN)/pip install --quiet --editable '.[dev,ftm]'
	@touch $@

.venv/installed-mutation: .venv/installed-dev
	@$(BIN)/pip install --quiet --editable '.[dev,mutation]'
	@touch $@

.venv/installed-bench: .venv/installed-dev
	@$(BIN)/pip install --quiet --editable '.[bench,dev]'
	@touch $@

# Totsugo: `make run` starts the dashboard, `make test` runs the tests, `make` lists the rest.
# Paths are relative to this folder, so blanks in its path do no harm; from elsewhere use `make -C FOLDER TARGET`.

PYTHON ?= python3
PY := .venv/bin/python
PACKAGES := app.py crossmall smartship reconcile pages scripts tests benchmarks
LINTED = $(wildcard $(PACKAGES))
# Where Python may not keep what it compiled, each of hundreds of short processes compiles everything anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help interpreter setup run demo sandbox test soak soak-desk browser check format lint types docs docs-renew next-duckdb lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

run: .venv/installed ## start the dashboard in the browser (first time: installs into .venv, about a minute)
	$(PY) -m streamlit run app.py

test: .venv/installed-dev ## run all tests; browser tests need a Chromium and are skipped with the reason without one
	$(PY) -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not browser"
	$(PY) -m pytest -m browser tests/e2e/browser  # alone: a browser that shares two cores misses its clicks

soak: .venv/installed-dev ## the tests that repeat themselves, at full size (two hours), and their table in docs/reliability.md
	rm -f .soak.jsonl
	TOTSUGO_SOAK=1 TOTSUGO_SOAK_FIGURES=.soak.jsonl $(PY) -m pytest -n 2 --dist load --maxschedchunk 1 -m "soak and not (browser or desk)"
	$(PY) scripts/soak.py .soak*.jsonl

soak-desk: .venv/installed-dev ## those that work on the whole desk and in a browser, at full size (some hours)
	rm -f .soak-desk.jsonl
	TOTSUGO_SOAK=1 TOTSUGO_SOAK_FIGURES=.soak-desk.jsonl $(PY) -m pytest -m "soak and (browser or desk)"
	$(PY) scripts/soak.py .soak*.jsonl

demo: .venv/installed ## a fictional shop on the command line: sync, import, findings
	$(PY) -m reconcile demo || test $$? -eq 1  # 1: done, with findings

sandbox: .venv/installed ## only the stand-in for the CROSS MALL API, on a free local port
	$(PY) -m crossmall.sandbox

check: lint types docs test ## what CI runs: format, lint, types, generated documents, tests

browser: .venv/installed-dev ## only the tests in a real Chromium; fails without one
	TOTSUGO_REQUIRE_BROWSER=1 $(PY) -m pytest -m browser tests/e2e/browser

format: .venv/installed-dev ## write the code in the one format and apply safe lint fixes
	$(PY) -m ruff check --fix $(LINTED)
	$(PY) -m ruff format $(LINTED)

lint: .venv/installed-dev ## format and lint, nothing is changed
	$(PY) -m ruff format --check $(LINTED)
	$(PY) -m ruff check $(LINTED)

types: .venv/installed-dev ## mypy --strict over the packages and the pages
	$(PY) -m mypy
	$(PY) -m mypy --explicit-package-bases app.py pages/ui pages/screens

docs: .venv/installed-dev ## generated documents are as the code would write them now; `make docs-renew` writes them
	$(PY) scripts/make_columns.py --check
	$(PY) scripts/make_rule_docs.py --check
	$(PY) scripts/make_class_docs.py --check

docs-renew: .venv/installed-dev ## write the generated documents: docs/columns.md, docs/rules.md, docs/mapping-classes.md
	$(PY) scripts/make_columns.py
	$(PY) scripts/make_rule_docs.py
	$(PY) scripts/make_class_docs.py

next-duckdb: .venv/installed-dev ## the tests of the store on the next DuckDB, whose interface we may use only in part
	$(PY) -m pip install --quiet --no-compile --no-deps --upgrade --target .venv/next-duckdb duckdb==2.0.0
	PYTHONPATH=.venv/next-duckdb $(PY) -m pytest -q tests/store

lock: .venv/installed-dev ## renew requirements.txt and requirements-dev.txt from the .in files
	$(PY) scripts/lock.py

setup: .venv/installed ## only install into .venv; `make setup PYTHON=python3.12` chooses the interpreter

clean: ## remove .venv and caches; data/ stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/installed: requirements.txt | interpreter
	@echo "Installing what Totsugo needs into .venv"
	$(PY) -m pip install --disable-pip-version-check --no-compile --quiet -r requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	@echo "Installing the tools for tests and checks into .venv"
	$(PY) -m pip install --disable-pip-version-check --no-compile --quiet -r requirements-dev.txt
	@touch $@

# Makes .venv once, and says what is wrong in words where that cannot work.
interpreter:
	@test -x $(PY) || command -v "$(PYTHON)" >/dev/null || { \
	  echo "There is no $(PYTHON). Install Python 3.11, 3.12 or 3.13, or name one: make setup PYTHON=python3.12" >&2; exit 1; }
	@test -x $(PY) || "$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	  echo "$(PYTHON) is `"$(PYTHON)" -V 2>&1`; Totsugo needs 3.11, 3.12 or 3.13. Name one: make setup PYTHON=python3.12" >&2; exit 1; }
	@test -x $(PY) || "$(PYTHON)" -m venv .venv || { rm -rf .venv; \
	  echo "$(PYTHON) could not make .venv. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(PY) -c '' 2>/dev/null || { \
	  echo "The Python that .venv was made with is gone. Start again: make clean setup" >&2; exit 1; }

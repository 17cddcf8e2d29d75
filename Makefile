# Everything that a newcomer, a clinic's machine or CI does. `make run` and `make test` need nothing but Python 3.11+.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
LOCK_FLAGS := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.PHONY: help install install-dev run chat test check lock bench sbom audit clean

help:
	@echo "make run    start the service and print its addresses"
	@echo "make chat   talk to the bot in the terminal"
	@echo "make test   run every test"
	@echo "make check  lint, types and content"
	@echo "make bench  measure"
	@echo "make sbom   list every package of the lock, as CycloneDX: dist/sbom.cdx.json"
	@echo "make audit  ask the net for known weaknesses of what is locked"
	@echo "make lock   write the locks anew after a change of pyproject.toml"

install: .venv/installed

install-dev: .venv/installed-dev

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-dev.lock
	@touch $@

run: install
	$(BIN)/tanyakaki serve

chat: install
	@$(BIN)/tanyakaki chat

# Two at once, each file as a whole: its fixtures and its Redis serve it alone. In the order of their names, so that
# many short files come last and neither half waits for the other.
test: install-dev
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/tanyakaki check

bench: install-dev
	$(BIN)/python -m benchmarks

sbom: install
	@$(BIN)/python .ci/sbom.py dist/sbom.cdx.json

# Needs a network: the tool and what is known of weaknesses come from it. What it can't look up is a fault, too.
audit: install-dev
	$(BIN)/uv tool run pip-audit --strict --require-hashes --disable-pip --requirement requirements.lock

lock: install-dev
	$(BIN)/uv pip compile --quiet $(LOCK_FLAGS) --group build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet $(LOCK_FLAGS) --group build --group dev pyproject.toml -o requirements-dev.lock

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache

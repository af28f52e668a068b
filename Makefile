# `make help` lists the targets. The first `make run` or `make test` on a machine installs what is
# missing (system packages with apt, Python packages into .venv/); later ones start at once.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin

.PHONY: help run test check bench screens installer test-installer soak lock openapi clean setup-run \
	setup-test setup-installer

help: ## This list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

run: setup-run ## The demo: made-up persons, a simulated eID, the central service on loopback
	@echo "== the demo: made-up persons, a simulated eID, the central service on loopback"
	@$(BIN)/kiosk demo

test: setup-test ## Every test, then the coverage ratchet
	@scripts/test

check: setup-test ## Format, lint, types, import contracts, dead code, dependencies
	@scripts/check

bench: setup-test ## The benchmarks; results under build/bench/
	@$(BIN)/python -m installer programs || true # what starts from it says what is missing
	@mkdir -p build/bench
	@echo "== benchmarks, results under build/bench/"
	@$(BIN)/python -m tests.bench

screens: setup-test ## Paint the gallery in docs/screens/ anew; the rest goes under build/screens/
	@UPDATE_SCREENS=1 $(BIN)/python -m pytest -q tests/ui/test_gallery.py

installer: setup-installer ## The packages for Debian and Windows, in dist/
	@$(BIN)/python -m installer

test-installer: setup-test setup-installer ## Install and remove the packages, in roots of their own
	@$(BIN)/python -m installer
	@echo "== installing and removing them; this takes a while"
	@$(BIN)/python -m pytest -q tests/installer -m installer --timeout 0

soak: setup-test ## The long runs: every test marked soak, without a time limit
	@echo "== long runs; this takes a while"
	@$(BIN)/python -m pytest -m soak --timeout 0

lock: setup-test ## Write requirements/*.txt anew (UPGRADE=--upgrade takes newer versions)
	@scripts/lock

openapi: setup-test ## Write resources/contract/v1/openapi.json anew from the code
	@PYTHONPATH=. $(BIN)/python scripts/openapi.py

clean: ## Remove .venv/, build/, dist/ and the caches
	@echo "== removing .venv, build, dist and caches"
	@rm -rf .venv build dist .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache \
		.import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup-run:
	@scripts/setup run

setup-test:
	@scripts/setup test

setup-installer:
	@scripts/setup installer

# Every command sets up what it needs; only Python >= 3.11 and make must be there.
.DEFAULT_GOAL := help
PYTHON ?= python3
UV_HOME := $(CURDIR)/.uv
UV := $(UV_HOME)/bin/uv
BIN := .venv/bin
export UV_PYTHON_DOWNLOADS := never
export UV_PYTHON_PREFERENCE := only-system
# The certificates that this machine trusts, also behind a company's proxy.
export UV_SYSTEM_CERTS := 1
# Compiled once at installation, not at every start where Python may not write beside its sources.
export UV_COMPILE_BYTECODE := 1

.PHONY: help setup demo demo-headless test check ui spec pictures format

help: ## List these commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

$(UV):
	@if command -v uv >/dev/null 2>&1; then mkdir -p $(UV_HOME)/bin && ln -sf "$$(command -v uv)" $(UV); \
	else $(PYTHON) .make/get_uv.py $(UV_HOME); fi

.venv/.locked: $(UV) uv.lock pyproject.toml hatch_build.py
	@$(UV) sync --locked --quiet --python $(PYTHON)
	@touch $@

ui: .venv/.locked ## Build the browser UI into the package
	@$(BIN)/python web/build_ui.py

setup: .venv/.locked ui ## Set up the environment in .venv and build the UI

demo: setup ## Start the studio with the sound tagging demo, learning
	@$(BIN)/blockwright demo

demo-headless: setup ## The same without a browser: model.h5 and submission.csv in ./out
	@$(BIN)/blockwright run examples/sound-tagging.yaml --out out

test: setup ## Run all tests, those in a browser too when a Chromium is found
	@$(BIN)/python web/build_ui.py test
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: setup ## Lint, types, import rules, spec freshness, web lint and types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m blockwright spec --check openapi.json
	@$(BIN)/python web/build_ui.py api-check
	@$(BIN)/python web/build_ui.py lint
	@$(BIN)/python web/build_ui.py types

spec: .venv/.locked ## Write openapi.json and the TypeScript types anew
	@$(BIN)/python -m blockwright spec --write openapi.json
	@$(BIN)/python -m blockwright spec --studio-file --write docs/studio-file.schema.json
	@$(BIN)/python web/build_ui.py api

pictures: setup ## Take the screenshots of README and guide anew, in a real browser
	@BLOCKWRIGHT_PICTURES=docs/pictures $(BIN)/python -m pytest tests/e2e/test_demo.py tests/e2e/test_journey.py \
	  tests/e2e/test_data_view.py tests/e2e/test_subsets_view.py tests/e2e/test_before_a_run.py \
	  tests/e2e/test_searches_and_folds.py
	@cd docs/pictures && rm -f journey-* search-d* search-390.png folds-*

format: .venv/.locked ## Format the Python code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix-only .

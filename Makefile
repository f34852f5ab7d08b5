# Needs make, and a Python 3.11 to 3.13 with its venv module; everything else comes from requirements.lock.
# Another interpreter: make setup PYTHON=/path/to/python3.12

RUNS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c "$(RUNS)" 2>/dev/null && echo $$python && break; done)
WORKERS ?= 2

VENV := .venv
READY := $(VENV)/.ready
BEGUN := $(VENV)/.begun
PY := $(VENV)/bin/python
PYTEST := $(PY) -m pytest -n $(WORKERS) --dist loadfile

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test verify lint bench lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## .venv with the locked packages and the project, bytecode compiled

# An install that was cut off is begun anew: pip takes half a package for a whole one.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c "$(RUNS)" 2>/dev/null || { \
		echo "Python 3.11 to 3.13 is needed, found: '$(PYTHON)'; type: make setup PYTHON=/path/to/python3.11" >&2; \
		exit 1; }
	@if test -e $(BEGUN) || ! $(PY) -c "$(RUNS)" 2>/dev/null; then rm -rf $(VENV); fi
	$(PYTHON) -m venv $(VENV)
	@touch $(BEGUN)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@# pip may be told not to compile, and imports are then three times slower; a few files are not meant to compile
	@$(PY) -m compileall -qq -j 0 $(VENV)/lib src || true
	@rm $(BEGUN) && touch $@

demo: $(READY) ## a recorded run on the simulated bookings, past nights again, and the report in Spanish and English
	$(PY) train.py model=catboost
	$(PY) -m vispera replay run=best
	$(PY) -m vispera report language=es
	$(PY) -m vispera report language=en

test: $(READY) ## the tests, without the slow ones
	$(PYTEST) -m "not slow"

verify: $(READY) ## all tests, the slow ones too
	$(PYTEST)

lint: $(READY) ## ruff and pyright
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	@command -v node >/dev/null || { echo "pyright needs node and would fetch it; type: apt-get install nodejs" >&2; exit 1; }
	PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(VENV)/bin/pyright

bench: $(READY) ## the benchmarks, one after another; they report and judge nothing
	@for script in benchmarks/*.py; do $(PY) $$script || exit 1; done

lock: ## requirements.lock anew from pyproject.toml
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && $(PYTHON) -m venv "$$folder" && \
	"$$folder/bin/python" -m pip install --quiet --disable-pip-version-check uv && \
	"$$folder/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" --group dev -o requirements.lock pyproject.toml

clean: ## away with caches and what tools left behind; runs, data and .venv stay
	rm -rf .pytest_cache .ruff_cache .hypothesis dist multirun outputs catboost_info
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

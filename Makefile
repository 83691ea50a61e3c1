# Two commands do everything: `make demo` and `make test`. Each installs what it needs on first use.
VENV   := .venv
PYTHON := $(VENV)/bin/python
STAMP  := $(VENV)/.installed
PYTHON3 ?= python3

.PHONY: setup demo dev test check format docs screenshots bench bench-docs lock clean

setup: $(STAMP)

# Installed again only when the lock or the project's own description changed; nothing outside this folder is touched.
$(STAMP): requirements-dev.lock pyproject.toml
	@echo "Installing into $(VENV) …"
	@$(PYTHON3) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Boardsync needs Python 3.11 or newer"; exit 1; }
	@$(PYTHON3) -m venv $(VENV)
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: $(STAMP)
	@$(PYTHON) -m boardsync demo

dev: $(STAMP)
	@$(PYTHON) -m boardsync dev

check: $(STAMP)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy .
	$(VENV)/bin/lint-imports

format: $(STAMP)
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

# The pages of docs/ that are written from the code; a test fails while one is out of date.
docs: $(STAMP)
	$(PYTHON) -m boardsync.reference

test: check
	$(VENV)/bin/pytest

# The pictures of the documentation, taken by the tests of the real Web UI in a real browser.
screenshots: $(STAMP)
	BOARDSYNC_SCREENSHOTS=1 $(VENV)/bin/pytest -n 0 tests/browser/test_web_ui.py tests/browser/test_encryption.py

bench: $(STAMP)
	$(PYTHON) -m benchmarks

# The figures and plots of docs/scaling.md, measured anew; about half an hour on two quiet cores.
bench-docs: $(STAMP)
	$(PYTHON) -m benchmarks.scale --into docs/figures/scale.json
	$(PYTHON) -m benchmarks.plots

# Needs uv. Write the locks anew after a change of dependencies in pyproject.toml.
lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -q -o requirements.lock
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -q -o requirements-dev.lock

clean:
	rm -rf $(VENV) .boardsync boardsync.egg-info build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

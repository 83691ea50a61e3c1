# Two commands do everything: `make demo` and `make test`. Each installs what it needs on first use.
VENV   := .venv
PYTHON := $(VENV)/bin/python
STAMP  := $(VENV)/.installed
PYTHON3 ?= python3
TOOLS  := .venv-tools

.PHONY: setup demo dev test compiled test-long histories test-docker test-kubernetes check format docs site screenshots bench bench-docs lock audit sbom chaos clean

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
	NO_MKDOCS_2_WARNING=1 $(VENV)/bin/mkdocs build --strict

format: $(STAMP)
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

# The pages of docs/ that are written from the code; a test fails while one is out of date.
docs: $(STAMP)
	$(PYTHON) -m boardsync.reference

# The documentation as a site, with search, in build/site; `make check` builds it too, and fails at a broken link or anchor.
site: $(STAMP)
	NO_MKDOCS_2_WARNING=1 $(VENV)/bin/mkdocs build --strict
	@echo "open build/site/index.html"

test: $(STAMP)
	@$(MAKE) --no-print-directory -j 2 check compiled
	$(VENV)/bin/pytest

# Beside the checks: else each of pytest's processes compiles all tests for itself. What cannot be collected fails there.
compiled: $(STAMP)
	@$(VENV)/bin/pytest -n 0 --collect-only -q >/dev/null 2>&1 || true

# What the suite does with some examples, jobs or rounds, with many more.
test-long: $(STAMP)
	BOARDSYNC_LONG=1 BOARDSYNC_WORLDS=2000 BOARDSYNC_CRASHES=30 $(VENV)/bin/pytest -n 2 --timeout 3600 tests/workflow tests/gateway tests/browser tests/unit/store

# The corpus of recorded histories: RELEASE=0.2.0 records and seals that release's folder, for good; two minutes.
RELEASE ?= next
histories: $(STAMP)
	$(PYTHON) -m tests.support.histories $(RELEASE)

# With a Docker engine: the image, the compose file, partitions and losses of containers. Skipped with a reason without one.
test-docker: $(STAMP)
	$(VENV)/bin/pytest -n 0 -rs tests/docker

# Needs kubectl. Render the example and validate it strictly; kinds of the Prometheus Operator have no schema there.
test-kubernetes: $(TOOLS)/.kubernetes
	@mkdir -p build
	kubectl kustomize deploy/kubernetes/example > build/kubernetes.yaml
	$(TOOLS)/bin/kubernetes-validate --strict build/kubernetes.yaml

$(TOOLS)/.kubernetes: deploy/kubernetes/validate.lock
	@$(PYTHON3) -m venv $(TOOLS)
	@$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# The pictures of the documentation, taken by the tests of the real pages in a real browser.
screenshots: $(STAMP)
	BOARDSYNC_SCREENSHOTS=1 $(VENV)/bin/pytest -n 0 tests/browser/test_web_ui.py tests/browser/test_console.py tests/browser/test_job_page.py tests/browser/test_encryption.py

bench: $(STAMP)
	$(PYTHON) -m benchmarks

# The figures and plots of docs/scaling.md, measured anew; an hour on two quiet, quick cores.
bench-docs: $(STAMP)
	$(PYTHON) -m benchmarks.scale --into docs/figures/scale.json
	$(PYTHON) -m benchmarks.plots

# Break every part at random under load, and prove what must hold: so many minutes for each of so many seeds.
MINUTES ?= 5
SEED    ?= 1
SEEDS   ?= 1
chaos: $(STAMP)
	$(PYTHON) -m benchmarks.chaos --minutes $(MINUTES) --seed $(SEED) --seeds $(SEEDS)

# Needs uv. Write the locks anew after a change of dependencies in pyproject.toml.
lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -q -o requirements.lock
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -q -o requirements-dev.lock
	uv pip compile deploy/supply-chain.in --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -q -o deploy/supply-chain.lock
	uv pip compile deploy/kubernetes/validate.in --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -q -o deploy/kubernetes/validate.lock

# Tools that look at the dependencies from outside, in an environment of their own.
$(TOOLS)/.installed: deploy/supply-chain.lock
	@$(PYTHON3) -m venv $(TOOLS)
	@$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r deploy/supply-chain.lock
	@touch $@

# Known vulnerabilities of what is shipped. It fails, too, where the service that knows them does not answer.
audit: $(TOOLS)/.installed
	$(TOOLS)/bin/pip-audit --strict --require-hashes --disable-pip --progress-spinner off -r requirements.lock

# A CycloneDX bill of materials of the lock; the image carries its own, of what is installed there.
sbom: $(TOOLS)/.installed
	@mkdir -p build
	$(TOOLS)/bin/cyclonedx-py requirements --output-reproducible --pyproject pyproject.toml --of JSON -o build/sbom.cdx.json requirements.lock

clean:
	rm -rf $(VENV) $(TOOLS) .boardsync boardsync.egg-info build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

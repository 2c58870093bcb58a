PYTHON ?= python3
VENV = .venv
BIN = $(VENV)/bin
VARIANT = -m pytest --quiet --ignore=tests/browser --ignore-glob=tests/*test_testproject*.py
WITHOUT_MODELS = rp/test_alone rp/test_at_once rp/test_events
WAITING = $(wildcard tests/test_testproject*.py) tests/doctor/test_testproject_mistakes.py

.PHONY: install demo test python measured waiting variants postgresql swapped-and-routed js browser pictures bench lint tox clean

install: $(VENV)/installed node_modules/installed  ## Prepare .venv, node_modules, a browser, PostgreSQL and Redis
	$(BIN)/python tools/install_browser.py
	$(BIN)/python tools/install_postgresql.py
	$(BIN)/python tools/install_redis.py

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV) || (echo "venv is missing: apt-get install python3-venv" && false)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	touch $@

node_modules/installed: package.json package-lock.json
	@command -v npm >/dev/null || (echo "Node.js is missing: apt-get install nodejs npm" && false)
	npm ci --no-audit --no-fund
	touch $@

demo: $(VENV)/installed node_modules/installed  ## Start the sample provider and its two applications
	$(BIN)/python -m testproject.demo

test: browser  ## Run every test: those in a browser alone, because they wait for it, the rest on two cores
	$(MAKE) --jobs=3 --output-sync=target measured waiting js postgresql swapped-and-routed

python: measured waiting  ## The Python tests but for those in a browser

measured: install  ## With the coverage of the package, which is all of it
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest --ignore=tests/browser $(WAITING:%=--ignore=%)
	$(BIN)/coverage report

waiting: install  ## Those that wait for processes they start, where nothing can be measured
	$(BIN)/python -m pytest $(WAITING)

variants: postgresql swapped-and-routed  ## The same tests elsewhere than on SQLite with Django's and DOT's models

postgresql: install
	TESTS_WITH_DATABASE=1 $(BIN)/python -m tools.with_postgresql $(BIN)/python $(VARIANT) tests tests/postgresql

swapped-and-routed: install  ## With user and application models of the project's own, and with two databases
	TESTS_WITH_DATABASE=1 TEST_VARIANT="swapped routed" $(BIN)/python $(VARIANT) --ignore=tests/crash $(WITHOUT_MODELS:%=--ignore=tests/%.py)

js: install
	node --test tests/js/*.test.mjs

browser: install
	$(BIN)/python -m pytest --numprocesses=2 --dist=worksteal tests/browser

pictures: install  ## Take the pictures in docs/images anew; look at them before you commit them
	$(BIN)/python -m tools.pictures

bench: install  ## Measure beside django-oauth-toolkit and django-oidc-provider, in under ten minutes; leave the machine alone meanwhile
	$(BIN)/python -m pip install --quiet --editable ".[dev,bench]"
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.plots

lint: install  ## Format, style, types, and who may import whom
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

tox: install  ## The Python tests under every supported Python and Django that this machine has
	$(BIN)/tox

clean:
	rm -rf $(VENV) node_modules testproject/var

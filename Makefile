PYTHON ?= python3
VENV = .venv
BIN = $(VENV)/bin

.PHONY: install demo test python js browser lint tox clean

install: $(VENV)/installed node_modules/installed  ## Prepare .venv, node_modules and a browser
	$(BIN)/python tools/install_browser.py

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV) || (echo "venv is missing: apt-get install python3-venv" && false)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	touch $@

node_modules/installed: package.json package-lock.json
	@command -v npm >/dev/null || (echo "Node.js is missing: apt-get install nodejs npm" && false)
	npm ci --no-audit --no-fund
	touch $@

demo: install  ## Start the sample provider and its relying party
	$(BIN)/python -m testproject.demo

test: python js browser  ## Run every test

python: install
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest --ignore=tests/browser
	$(BIN)/coverage report

js: install
	node --test tests/js/*.test.mjs

browser: install
	$(BIN)/python -m pytest tests/browser

lint: install  ## Format, style, types, and who may import whom
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

tox: install  ## The Python tests under every supported Python and Django that this machine has
	$(BIN)/tox

clean:
	rm -rf $(VENV) node_modules testproject/var

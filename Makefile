# make app         serve the page on http://localhost:7860 with the shipped weights
# make test        install what the tests need, then run them all: Python's, then JavaScript's with its style and types
# make check       check Python's style and types
# make screenshots take pictures of every tab, screen and theme: all in screenshots/, some of them in docs/
# make space       write the files of a Hugging Face Space to space/, and try them the way a Space runs them

PYTHON ?= python3
BIN := .venv/bin
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
APT_INSTALL := $(SUDO) apt-get install -y -qq --no-install-recommends

.PHONY: app test check screenshots space browser browsers node

app: .venv/app
	$(BIN)/python app.py

test: .venv/dev browsers node_modules/installed
	$(BIN)/python -m pytest -n 2 --dist worksteal
	npm test

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

screenshots: .venv/dev browser
	$(BIN)/python -m docs.screenshots

space: .venv/dev browser
	$(BIN)/python -m benchmarks.space

# Empty files whose time says when the requirements were installed
.venv/app: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -r requirements.txt
	touch $@

.venv/dev: requirements-dev.txt .venv/app
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	touch $@

browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
		{ $(SUDO) apt-get update -qq && $(APT_INSTALL) chromium fonts-liberation; }

browsers: browser
	@command -v firefox-esr >/dev/null || command -v firefox >/dev/null || \
		{ $(SUDO) apt-get update -qq && $(APT_INSTALL) firefox-esr; }
	@command -v WebKitWebDriver >/dev/null && command -v Xvfb >/dev/null || \
		{ $(SUDO) apt-get update -qq && $(APT_INSTALL) webkit2gtk-driver xvfb; }

node_modules/installed: package.json | node
	npm install --no-package-lock --no-audit --no-fund
	touch $@

node:
	@command -v npm >/dev/null || { $(SUDO) apt-get update -qq && $(APT_INSTALL) nodejs npm; }

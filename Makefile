# Castor in eight targets. Each makes what it needs first; each may be run again at any time.
# From anywhere: make -C /path/to/castor run

SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
CELERY := $(BIN)/python -m celery --quiet -A config.celery worker --without-gossip --without-mingle --without-heartbeat

.PHONY: install test lint types run worker gpu-worker demo messages
.NOTPARALLEL:

# The environment in .venv. Done again only when requirements.txt changes.
install:
	@set -euo pipefail; \
	stamp="$$(sha256sum < requirements.txt | cut -c1-32)"; \
	if [ -x $(BIN)/python ] && [ "$$(cat .venv/installed 2>/dev/null)" = "$$stamp" ]; then exit 0; fi; \
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "castor: $(PYTHON) is too old; Castor needs Python 3.11 or newer: make PYTHON=python3.12 …" >&2; exit 2; }; \
	if [ -e .venv ] && [ ! -x $(BIN)/python ]; then \
		echo "castor: .venv is there, but its Python cannot be run by $$(id -un); remove it, or be its owner" >&2; exit 2; fi; \
	[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "castor: no virtual environment could be made; on Debian: apt-get install python3-venv" >&2; exit 2; }; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt; \
	echo "$$stamp" > .venv/installed

# Everything at http://127.0.0.1:8000 until Ctrl-C.
run: install
	@$(MANAGE) run

# The main job without a browser: load, screen, label, settle, cut, export, verify.
demo: install
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) demo

# What must hold before anything lands: checks, then every test. Three processes keep two cores
# busy: one of them usually waits for a browser or a server.
test: lint
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

lint: install
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check
	$(MAKE) --no-print-directory types
	$(BIN)/lint-imports
	$(MANAGE) makemigrations --check --dry-run

types: install
	$(BIN)/python -m mypy

# The catalogue of what annotators read, after wording has changed (needs gettext; docs/languages.md).
NOT_THEIRS = benchmarks config/checks.py config/curate config/management config/templates/curate \
	datasets_app/commands.py datasets_app/models datasets_app/selection.py demo-output moderation tests .venv
messages: install
	$(MANAGE) makemessages -l zh_Hans --no-wrap --no-obsolete --add-location file \
		$(foreach path,$(NOT_THEIRS),-i '$(path)' -i '$(path)/*')
	$(MANAGE) compilemessages -l zh_Hans -i .venv

# Workers by themselves, on this machine or another one (docs/running.md).
worker: install
	@REMAP_SIGTERM=SIGQUIT $(CELERY) -n worker-$$$$@%h -Q default,media,export

gpu-worker: install
	@$(CELERY) -n gpu-$$$$@%h -Q gpu --pool=solo -c 1

# What people and CI call. `make run` and `make test` are the two commands of the README.
.PHONY: run test check fix up down bench evaluate soak reliability lock compose-up compose-down test-compose install
.DEFAULT_GOAL := run

PYTHON ?= python3
BIN := .venv/bin
export PYTHONPATH := include

run: install        ## the whole flow on the samples, with real Airflow and a real S3 server, then stops
	@$(BIN)/python -m quickstart run

up: install         ## the same, kept running with the Airflow UI
	@$(BIN)/python -m quickstart up

down:               ## stop what `make up` started
	@$(BIN)/python -m quickstart down

test: install       ## the whole suite; ends with the compose stack where a Docker Engine answers
	$(BIN)/python -m pytest -m "not soak and not compose"
	@$(MAKE) --no-print-directory test-compose

check: install      ## lint, format, types, lock; it only looks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tests/check_lock.py

fix: install        ## what `check` complains about and a program can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

SETS ?= ../shared/corpora

bench: install      ## speed, as ratios within one run; docs/benchmarks.md keeps the results
	SETS="$(SETS)" PYTHONPATH=include:tests $(BIN)/python -m benchmarks

evaluate: install   ## how well articles are read, on the labelled sets that are unpacked in SETS=folder
	@found=0; missed=0; \
	for set in $$($(BIN)/python -c 'from mediamonitor.evaluation.evaluate import SETS; print(*SETS)'); do \
	    if test -d "$(SETS)/$$set"; then \
	        found=1; $(BIN)/python -m mediamonitor evaluate "$(SETS)/$$set" || missed=1; echo; \
	    fi; \
	done; \
	test $$found = 1 || echo "evaluate: skipped, no set is unpacked in $(SETS); say make evaluate SETS=folder"; \
	exit $$missed

soak: install       ## long trials: kill -9 at random moments, many times
	$(BIN)/python -m pytest -m soak tests/faults -s

reliability: install  ## run the tests that carry a number, and write docs/reliability.md
	$(BIN)/python tests/reliability.py

COMPOSE ?= docker compose

compose-up:         ## the stack of docker-compose.yaml, with the UI on 127.0.0.1
	@$(PYTHON) include/quickstart/stack_secrets.py .env
	@$(COMPOSE) up --detach --build --wait --wait-timeout 600 || \
	    { $(COMPOSE) logs --no-log-prefix --tail 40 secrets-check init; exit 1; }
	@echo "Airflow: http://$$($(COMPOSE) port api-server 8080)   user and password: STACK_ADMIN_USER (admin) and STACK_ADMIN_PASSWORD in .env"

compose-down:       ## stop the stack; its data stay (all of it goes with: docker compose down --volumes)
	@$(COMPOSE) down

test-compose: install  ## build stand-ins for the base images, start docker-compose.yaml, compare its counts
	@if docker info >/dev/null 2>&1; then $(BIN)/python -m pytest -m compose tests/compose; \
	else echo "test-compose: skipped, no Docker Engine answers here"; fi

lock: install       ## compile requirements.in into requirements.txt, with hashes, for Python 3.11 to 3.13
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --quiet \
	    -o .venv/lock.txt requirements.in
	@$(BIN)/python tests/check_lock.py --write .venv/lock.txt

# The lock goes in once; the stamp is newer than the lock until that changes. uv comes first, out of the same lock, since
# it installs the rest in a tenth of pip's time.
install: .venv/installed
.venv/installed: requirements.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"Media Monitor needs Python 3.11 to 3.13, this is {v[0]}.{v[1]}; call: make PYTHON=python3.12 ...")'
	@echo "Installing the locked packages into .venv (once; about a minute) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@awk '/^uv==/ {on=1} on {print} on && !/\\$$/ {exit}' requirements.txt > .venv/uv.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt
	@$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.txt
	@touch $@

# Facegate. `make` lists the words; `make run` shows one verification, `make test` proves the rest.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENVS := .local/venvs
BIN := $(VENVS)/dev/bin
export PYTHONPATH := layers/shared:.
export PYTHONDONTWRITEBYTECODE := 1
export HYPOTHESIS_STORAGE_DIRECTORY := .local/cache/hypothesis
STACK ?= facegate

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

install: $(VENVS)/dev/.done $(VENVS)/ministack/.done ## the tools, into .local (once)

# one folder for each lock file, made again when the lock changes
$(VENVS)/%/.done: requirements/%.txt ops/make_venv.sh
	@sh ops/make_venv.sh $(PYTHON) $(VENVS)/$* requirements/$*.txt
	@touch $@

run: install ## one real verification, end to end (KIND=id_compare VENDOR=yunjian PHOTO=a.jpg LIVE=b.bin SCENARIO=spoof DOORS=all JSON=1 PORT=4600)
	@$(BIN)/python -m local run $(if $(KIND),--kind "$(KIND)") $(if $(VENDOR),--vendor "$(VENDOR)") $(if $(NAME),--name "$(NAME)") $(if $(ID_NUMBER),--id-number "$(ID_NUMBER)") $(if $(PHOTO),--photo "$(PHOTO)") $(if $(LIVE),--live "$(LIVE)") $(if $(SCENARIO),--scenario "$(SCENARIO)") $(if $(DOORS),--doors "$(DOORS)") $(if $(JSON),--json)

up: install ## leave the local stack running, and write .local/facegate.env
	@$(BIN)/python -m local up

down: ## stop it
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m local down; fi

webhook-inbox: install ## a webhook inbox alone, for development; says how to register it (INBOX_PORT=4610, to 4619)
	@$(BIN)/python -m sandbox --inbox "$(or $(INBOX_PORT),4610)"

test: install ## every test, two at a time (WORKERS=1: one after the other)
	@$(BIN)/python -m pytest -n $(or $(WORKERS),2) --dist loadfile --no-loadscope-reorder

schedules: install ## ten thousand random schedules of everything that may go wrong, and what was kept (COUNT=10000 SEED=1)
	@$(BIN)/python -m tests.unit.crashes $(if $(COUNT),--count "$(COUNT)") $(if $(SEED),--seed "$(SEED)")

test-clients: install ## the vendors' own clients and printed programs against sandbox and endpoint, as a table
	@sh tests/integration/clients/install_languages.sh
	@$(BIN)/python -m tests.integration.clients.table

check: install ## format, lint, types, template, import rights: looks and never writes
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy layers/shared/facegate functions sandbox local ops relay chaos
	@$(BIN)/cfn-lint template.yaml
	@$(BIN)/python -m pytest -q --no-header tests/unit/test_rooms.py tests/unit/test_template.py

format: install ## write what ruff thinks is beautiful
	@$(BIN)/ruff format --quiet . && $(BIN)/ruff check --quiet --fix .

build: install ## the layer (TARGET=lambda, or TARGET=local for this interpreter)
	@$(BIN)/python -m ops.build_layer --target $(or $(TARGET),lambda)

openapi: install ## write the API's description anew from the functions
	@$(BIN)/python -m ops.describe_api

vendor-docs: install ## write the code tables of docs/vendors anew from the dialects
	@$(BIN)/python -m ops.describe_vendors

bench: install ## what docs/performance.md says of memory and pictures; the former on a stack of its own
	@$(BIN)/python -m bench.pictures
	@$(BIN)/python -m bench.passing

bench-webhooks: install ## a hanging endpoint beside a healthy one, and how soon a change is told: 7 minutes
	@$(BIN)/python -m bench.slow_neighbour && $(BIN)/python -m bench.first_attempt

bench-pacing: install $(VENVS)/plots/.done ## turns at the vendor beside what else could be done, and docs/pacing.svg: up to 10 minutes
	@$(BIN)/python -m bench.pacing --json .local/bench/pacing.json
	@$(VENVS)/plots/bin/python bench/plot.py .local/bench/pacing.json docs/pacing.svg

chaos: install ## kills, faults, duplicates and outages on a stack of its own, then a judgement: 0 lost, 0 paid twice (SEED=7 COUNT=300 SLOWER=2 PORT=4700 JSON=1)
	@$(BIN)/python -m chaos $(if $(SEED),--seed "$(SEED)") $(if $(COUNT),--count "$(COUNT)") $(if $(SLOWER),--slower "$(SLOWER)") $(if $(JSON),--json)

redrive: install ## dead letters back into their queue: shown, then moved (QUEUE=check|bulk|delivery, all; JSON=1; STACK=facegate)
	@$(BIN)/python -m ops.redrive $(if $(QUEUE),--queue "$(QUEUE)") $(if $(JSON),--json) --stack "$(STACK)"

tenant: install ## a tenant with its keys: make tenant NAME=acme (STACK=facegate; on the local stack if it is up)
	@$(BIN)/python -m ops.tenant --name "$(NAME)" --stack "$(STACK)"

tenant-buckets: install ## the COS buckets of its own that a tenant may name objects in: make tenant-buckets NAME=acme (BUCKETS=a-125,b-125; none)
	@$(BIN)/python -m ops.tenant_buckets --name "$(NAME)" $(if $(BUCKETS),--buckets "$(BUCKETS)") --stack "$(STACK)"

tenant-limits: install ## what a tenant may spend: make tenant-limits NAME=acme (CALLS_PER_DAY=1000 RETRIES=tencent_reflect=0, in place of all that was said of vendors; default)
	@$(BIN)/python -m ops.tenant_limits --name "$(NAME)" $(if $(CALLS_PER_DAY),--calls-per-day "$(CALLS_PER_DAY)") $(if $(RETRIES),--retries "$(RETRIES)") --stack "$(STACK)"

usage: install ## what the calls come to: make usage (TENANT=acme SINCE=2026-11-01 UNTIL=2026-12-01 JSON=1); today, of all tenants
	@$(BIN)/python -m ops.usage --stack "$(STACK)" $(if $(TENANT),--tenant "$(TENANT)") $(if $(SINCE),--since "$(SINCE)") $(if $(UNTIL),--until "$(UNTIL)") $(if $(JSON),--json)

reconcile: install ## holds the ledger against the vendor's bill: BILL=export.csv (COLUMNS='time=Call Time' VENDOR=yunjian ZONE=+08:00 SINCE= UNTIL= JSON=1)
	@$(BIN)/python -m ops.reconcile --stack "$(STACK)" $(if $(BILL),--bill "$(BILL)") $(if $(COLUMNS),--columns "$(COLUMNS)") $(if $(VENDOR),--vendor "$(VENDOR)") $(if $(ZONE),--zone "$(ZONE)") $(if $(SINCE),--since "$(SINCE)") $(if $(UNTIL),--until "$(UNTIL)") $(if $(JSON),--json)

doctor: install ## keys, buckets, regions and clock, without one billed call
	@$(BIN)/python -m ops.doctor --stack "$(STACK)"

cos-setup: install ## the buckets in COS: a plan; YES=1 makes it so (ORIGINS=https://app.example, PRIVATE=1, POLICY=1, JSON=1)
	@$(BIN)/python -m ops.cos_setup --stack "$(STACK)" $(if $(ORIGINS),--origin "$(ORIGINS)") $(if $(PRIVATE),--make-private) $(if $(YES),--yes) $(if $(POLICY),--policy) $(if $(JSON),--json)

forgotten: install ## shows that nothing is left of a person: make forgotten TENANT=tenant_a VERIFICATION=ver_01... (STACK=facegate)
	@$(BIN)/python -m ops.forgotten --tenant "$(TENANT)" --verification "$(VERIFICATION)" --stack "$(STACK)"

clean: down ## forget everything that can be made again
	@rm -rf .local build

.PHONY: help install run up down webhook-inbox test schedules test-clients check format build openapi vendor-docs bench bench-webhooks bench-pacing chaos redrive tenant tenant-buckets tenant-limits usage reconcile doctor cos-setup forgotten clean

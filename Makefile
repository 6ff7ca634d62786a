# Two commands do everything: `make up` and `make test`.
SHELL := /bin/bash
FENGQIAO := .venv/pipeline/bin/fengqiao

.PHONY: up down test install generate docs lint bench clean
up: ## the demonstration city, the pipeline, Superset and Dagster
	@scripts/install.sh pipeline superset
	@$(FENGQIAO) up

down: ## stop what `make up` started
	@$(FENGQIAO) down

install:
	@scripts/install.sh pipeline superset

test: ## the whole suite, with a real Superset and a real browser
	@scripts/install.sh test pipeline superset lint docs notebooks
	@scripts/test_packages.sh
	@.venv/pipeline/bin/python -W ignore -m pytest $(PYTEST)

generate: ## rebuild what follows from the contracts
	@$(FENGQIAO) generate

docs: ## the documentation site, from contracts, models, registry and docs/
	@scripts/install.sh pipeline docs
	@$(FENGQIAO) docs build

lint: ## style, types, contracts, dbt, generated files
	@.venv/pipeline/bin/ruff check .
	@.venv/pipeline/bin/mypy
	@for file in ingestion/contracts/*.odcs.yaml ingestion/contracts/platform/*.odcs.yaml; do .venv/lint/bin/datacontract lint "$$file" >/dev/null || { echo "contract: $$file" >&2; exit 1; }; done
	@.venv/pipeline/bin/python -W ignore -m orchestration.transform.parse
	@$(FENGQIAO) generate --check

bench: ## ingestion beside its peers at ten million rows; let nothing else run
	@scripts/install.sh pipeline bench
	@.venv/pipeline/bin/python -m benchmarks.ingestion --report docs/benchmarks.md $(BENCH)

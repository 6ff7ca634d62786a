# Two commands do everything: `make up` and `make test`.
SHELL := /bin/bash
FENGQIAO := .venv/pipeline/bin/fengqiao

.PHONY: up down test install generate docs lint audit sbom bench soak clean
up: ## the demonstration city, the pipeline, Superset and Dagster
	@scripts/install.sh pipeline superset
	@$(FENGQIAO) up

down: ## stop what `make up` started
	@$(FENGQIAO) down

install:
	@scripts/install.sh pipeline superset

test: ## the whole suite, with a real Superset and a real browser
	@scripts/install.sh test spark pipeline superset lint docs notebooks
	@scripts/test_packages.sh
	@scripts/test.sh $(PYTEST)

generate: ## rebuild what follows from the contracts
	@$(FENGQIAO) generate

docs: ## the documentation site, from contracts, models, registry and docs/
	@scripts/install.sh pipeline docs
	@$(FENGQIAO) docs build

lint: ## style, types, contracts, dbt, generated files
	@.venv/pipeline/bin/ruff check .
	@.venv/pipeline/bin/mypy
	@.venv/lint/bin/python scripts/lint_contracts.py
	@.venv/pipeline/bin/python -W ignore -m orchestration.transform.parse
	@$(FENGQIAO) generate --check

audit: ## keys in the repository, known vulnerabilities of what is pinned
	@scripts/install.sh pipeline lint
	@.venv/lint/bin/python scripts/secret_scan.py
	@.venv/lint/bin/python scripts/audit.py

sbom: ## CycloneDX bills of materials of the environments, in build/sbom
	@scripts/install.sh pipeline lint
	@scripts/sbom.sh $(SBOM)

bench: ## ingestion beside its peers at ten million rows, the day beside the defaults; let nothing else run
	@scripts/install.sh pipeline bench
	@.venv/pipeline/bin/python -m benchmarks.ingestion --report docs/benchmarks.md $(BENCH)
	@.venv/pipeline/bin/python -m benchmarks.day --report docs/benchmarks.md $(DAY)

soak: ## random faults on a small home for FENGQIAO_SOAK_MINUTES (60), and a table of what came of it
	@scripts/install.sh pipeline test
	@.venv/pipeline/bin/python -W ignore -m tests.faults.soak

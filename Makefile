# Two commands matter: `make run` and `make test`. Everything stays in this folder.
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
SYNC := $(UV) pip install --quiet --link-mode=copy --require-hashes
OURSELVES := $(UV) pip install --quiet --link-mode=copy --no-deps --no-build-isolation --editable .

# Nothing outside this folder, caches included.
export UV_NO_CACHE := 1
export PIP_NO_CACHE_DIR := 1
# Compiled once here, so that no start compiles again (a start takes a third of the time).
export UV_COMPILE_BYTECODE := 1

.DEFAULT_GOAL := help
.PHONY: help run demo test check style fmt bench faults fuzz mutants messages sbom lock migration clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

run: .venv/.run ## Run the daemon and the site on http://127.0.0.1:8000
	@$(BIN)/bot run

demo: .venv/.run ## Watch an invented collective live, time running fast
	@$(BIN)/bot demo

test: .venv/.dev ## Run the tests: side by side, then those that drive a browser
	$(BIN)/pytest -n auto -m "not browser"
	$(BIN)/pytest -m browser

check: .venv/.dev style test ## Run everything that CI runs: style, types, arrows, changelog, tests

style: .venv/.dev ## Check format, lint, types, arrows between folders, changelog
	$(BIN)/ruff format --check bot tests benchmarks docs
	$(BIN)/ruff check bot tests benchmarks docs
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/towncrier build --draft --version next >/dev/null

fmt: .venv/.dev ## Format the code
	$(BIN)/ruff check --fix-only --quiet bot tests benchmarks
	$(BIN)/ruff format bot tests benchmarks

bench: .venv/.dev ## Measure; results go to benchmarks/results.md
	$(BIN)/python -m benchmarks

faults: .venv/.dev ## Kill deliveries anywhere and compare with the network: make faults RUNS=1000 SEED=0
	@mkdir -p .faults
	RUNS=$(or $(RUNS),200) SEED=$(or $(SEED),0) FAULTS_LOG=.faults/log.jsonl FAULTS_CODE=$$(git rev-parse --short HEAD) \
	$(BIN)/pytest tests/faults/test_crashes.py
	$(BIN)/python -m tests.faults.summary .faults/log.jsonl > .faults/summary.tsv

fuzz: .venv/.tools ## Fuzz each parser of foreign bytes, led by coverage (Linux): make fuzz SECONDS_EACH=600
	$(BIN)/python -m tests.fuzz

mutants: .venv/.tools ## Change the core at random and count what tests notice: make mutants SAMPLE=200 SEED=1
	SAMPLE=$(SAMPLE) SEED=$(SEED) $(BIN)/python -m tests.mutants $(FOLDER)

messages: .venv/.dev ## Bring the French catalogue up to date with the sources
	$(BIN)/python -m bot.locale.update

sbom: .venv/.dev ## Write the list of all components that are not ours (CycloneDX) from the locks
	$(BIN)/python -m docs.sbom

lock: .venv/.dev ## Compute the hashed requirements anew
	$(UV) pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal -p 3.11 --upgrade pyproject.toml --group build -o requirements/run.txt
	$(UV) pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal -p 3.11 --upgrade pyproject.toml --group build --group dev -o requirements/dev.txt
	$(UV) pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal -p 3.11 --upgrade --constraint requirements/dev.txt --group tools -o requirements/tools.txt

clean: ## Remove what was installed and built, never data/
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .faults .fuzz .mutants

.venv/.uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Languette needs Python 3.11 or newer: make PYTHON=python3.12 run")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

.venv/.run: .venv/.uv requirements/run.txt pyproject.toml
	@$(SYNC) --requirements requirements/run.txt
	@$(OURSELVES)
	@$(BIN)/python -m compileall -q bot
	@touch $@

.venv/.dev: .venv/.run requirements/dev.txt
	@$(SYNC) --requirements requirements/dev.txt
	@touch $@

.venv/.tools: .venv/.dev requirements/tools.txt
	@$(SYNC) --requirements requirements/tools.txt
	@touch $@

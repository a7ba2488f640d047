# Everything is built from a fresh checkout with Python 3.11 or newer and make; `make` alone lists what there is.
#   .venv             the project and its tests
#   .tools/sam        SAM CLI, .tools/ministack a local AWS, and .tools/awscli the AWS CLI: they pin other releases
#   .tools/mkdocs     the site of the docs
#   .tools/checkov    checks of the templates, .tools/bandit of the code, and .tools/pip-audit of the dependencies
#   .tools/custodian  Cloud Custodian, and .tools/prowler Prowler: what `make bench-peers` compares with
#   .tools/uv         installs all of them, in a tenth of the time that pip takes
# Each is made once, and again only when its lock changes. A lock names everything, so uv looks for nothing else.
SHELL := /bin/bash
PYTHON ?= python3
export SAM_CLI_TELEMETRY := 0
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# pytest rewrites the assertions of every test module, which takes a minute, and keeps the result as bytecode.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
SAM := .tools/sam/bin/sam
UV := .tools/uv/bin/uv
UV_VENV := .tools/uv/.installed
VENV := .venv/.installed
SAM_VENV := .tools/sam/.installed
MINISTACK_VENV := .tools/ministack/.installed
AWSCLI_VENV := .tools/awscli/.installed
MKDOCS_VENV := .tools/mkdocs/.installed
CHECKOV_VENV := .tools/checkov/.installed
BANDIT_VENV := .tools/bandit/.installed
AUDIT_VENV := .tools/pip-audit/.installed
CUSTODIAN_VENV := .tools/custodian/.installed
PROWLER_VENV := .tools/prowler/.installed

# The layer is pruned by what the package looks up, so it is built with a Python that can import the package.
SAM_BUILD := PYTHON=$(CURDIR)/$(BIN)/python $(SAM) build
CHECKED := layers functions tests bench docs deploy
TEMPLATES := template.yaml template-us-east-1.yaml
AUDITED := layers/readiness/requirements.txt locks/dev.txt
FUZZED := tests/fuzz
MEASURED := alerts engine run state
PYTEST := $(BIN)/pytest -n 2 --dist worksteal
# Random examples: few in the gate, which is to end soon; more by hand, and far more by `make fuzz`.
SHORT := READINESS_HYPOTHESIS=$${READINESS_HYPOTHESIS:-short}
# Not --quiet: it hides warnings, and MkDocs then counts none. The variable silences an advertisement.
SITE := NO_MKDOCS_2_WARNING=1 .tools/mkdocs/bin/mkdocs build --strict --config-file docs/site/mkdocs.yml
TOGETHER := .ci/together
STEP := $(MAKE) --no-print-directory

.DEFAULT_GOAL := help
.PHONY: help demo invoke test check suite lint template answers faults fuzz scan audit fmt docs golden rule screenshots build packages models terraform bench bench-peers tools lock release clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 13

demo: $(VENV) ## the whole story on an embedded account
	$(BIN)/readiness demo

invoke: $(VENV) ## what EVENT=events/NAME.json leads to on the embedded account
	$(BIN)/readiness demo --event $(EVENT)

test: $(VENV) $(MINISTACK_VENV) $(AWSCLI_VENV) ## the tests that are not marked slow, with fewer random examples
	$(SHORT) $(PYTEST) -m "not slow"

check: $(VENV) tools ## the whole gate
	+@$(TOGETHER) "$(STEP) suite" "$(STEP) lint scan template answers faults"

suite: $(VENV) tools ## all tests, with the coverage of what decides, remembers and delivers
	$(SHORT) $(PYTEST) -m measured --cov --cov-report= $(MEASURED:%=tests/%)
	$(BIN)/coverage report --fail-under=95
	$(SHORT) $(PYTEST) -n 3 -m "not measured" # many of them wait for other processes

lint: $(VENV) $(MKDOCS_VENV) ## format, lint, types, imports, generated pages and the site of the docs
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check
	PYTHONPATH=. $(BIN)/python -m deploy.translate --check
	PYTHONPATH=. $(BIN)/python -m deploy.models --check
	$(SITE)

template: $(VENV) $(SAM_VENV) ## validate the template and build what it deploys
	$(SAM) validate --lint --region us-east-1
	$(SAM_BUILD)

answers: $(VENV) ## every recorded answer, altered in every way
	PYTHONPATH=. $(BIN)/python -m tests.answers

faults: $(VENV) ## every recorded call, failing in every way
	PYTHONPATH=. $(BIN)/python -m tests.faults

fuzz: $(VENV) ## random inputs for as long as it takes; FUZZED=PATH for some of them
	READINESS_HYPOTHESIS=fuzz $(PYTEST) --timeout=0 $(FUZZED)

scan: $(CHECKOV_VENV) $(BANDIT_VENV) ## checkov over the templates, bandit over what runs; exceptions are justified in place
	.tools/checkov/bin/checkov --framework cloudformation --file $(TEMPLATES) --skip-download --compact --quiet
	.tools/bandit/bin/bandit --quiet --recursive layers/readiness functions

audit: $(AUDIT_VENV) ## known vulnerabilities of the dependencies; asks PyPI, so it needs a network
	.tools/pip-audit/bin/pip-audit --strict --disable-pip --require-hashes $(AUDITED:%=--requirement %)

fmt: $(VENV) ## format, and mend what can be mended
	$(BIN)/ruff format $(CHECKED)
	$(BIN)/ruff check --fix $(CHECKED)

docs: $(VENV) $(MKDOCS_VENV) ## write the generated pages anew, and build the site of the docs in site/
	$(BIN)/python docs/generate.py
	$(SITE)

golden: $(VENV) ## write the golden files anew; read the diff
	PYTHONPATH=. $(BIN)/python -m tests.golden.verdicts
	READINESS_GOLDEN=write $(BIN)/pytest -q -k golden

rule: $(VENV) ## the files of a new rule, to be filled in: NAME=streams-off, ITEM=1.5 unless it is the next one
	PYTHONPATH=. $(BIN)/python -m tests.new_rule "$(NAME)" "$(ITEM)"

screenshots: $(VENV) ## draw the widget and the HTML report in Chromium (CHROMIUM=/path/to/it), and measure it
	PYTHONPATH=. $(BIN)/python docs/screenshots.py

build: $(VENV) $(SAM_VENV) ## what `sam deploy` uploads, in .aws-sam
	$(SAM_BUILD)

packages: build ## what Terraform and CDK upload, in .aws-sam/packages: zip files, and the template without SAM
	$(BIN)/python deploy/packages.py .aws-sam/build .aws-sam/packages
	PYTHONPATH=. $(BIN)/python -m deploy.translate.transformed .aws-sam/packages/template.json

models: $(VENV) ## write the service models of the package anew from those of the installed botocore
	PYTHONPATH=. $(BIN)/python -m deploy.models

terraform: $(VENV) ## write the Terraform module anew from template.yaml
	PYTHONPATH=. $(BIN)/python -m deploy.translate

bench: $(VENV) $(SAM_VENV) ## speed, memory, calls, growth and cost beside their limits, in build/bench.json too
	PYTHONPATH=. $(BIN)/python -m bench

bench-peers: $(VENV) $(CUSTODIAN_VENV) $(PROWLER_VENV) ## the same items checked by Cloud Custodian and Prowler
	PYTHONPATH=. $(BIN)/python -m bench.peers

tools: $(SAM_VENV) $(MINISTACK_VENV) $(AWSCLI_VENV) $(MKDOCS_VENV) $(CHECKOV_VENV) $(BANDIT_VENV) ## SAM CLI, the local AWS, the AWS CLI, MkDocs and the scanners

release: $(VENV) ## set VERSION=0.2.0, date the changelog, check, commit and tag
	PYTHONPATH=. $(BIN)/python docs/release.py "$(VERSION)"

lock: $(UV_VENV) ## resolve all dependencies anew
	$(UV) pip compile $(LOCK) pyproject.toml --extra demo --group dev -o locks/dev.txt
	$(UV) pip compile $(LOCK) pyproject.toml -c locks/dev.txt -o locks/cli.txt
	$(UV) pip compile $(LOCK) locks/layer.in -c locks/dev.txt -o layers/readiness/requirements.txt
	$(UV) pip compile $(LOCK) locks/uv.in -o locks/uv.txt
	$(UV) pip compile $(LOCK) locks/sam.in -o locks/sam.txt
	$(UV) pip compile $(LOCK) locks/ministack.in -o locks/ministack.txt
	$(UV) pip compile $(LOCK) locks/awscli.in -o locks/awscli.txt
	$(UV) pip compile $(LOCK) locks/mkdocs.in -o locks/mkdocs.txt
	$(UV) pip compile $(LOCK) locks/checkov.in -o locks/checkov.txt
	$(UV) pip compile $(LOCK) locks/bandit.in -o locks/bandit.txt
	$(UV) pip compile $(LOCK) locks/pip-audit.in -o locks/pip-audit.txt
	$(UV) pip compile $(LOCK) locks/custodian.in -o locks/custodian.txt
	$(UV) pip compile $(LOCK) locks/prowler.in -o locks/prowler.txt

LOCK := --quiet --upgrade --universal --generate-hashes --no-header --python-version 3.11

clean: ## remove what make has made
	rm -rf .venv .tools .aws-sam build site .coverage .coverage.* .hypothesis .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(VENV): locks/dev.txt pyproject.toml | $(UV_VENV)
	$(call new_venv,.venv)
	$(call install,.venv,--require-hashes -r locks/dev.txt)
	$(call install,.venv,--no-build-isolation -e .)
	@touch $@

.tools/%/.installed: locks/%.txt | $(UV_VENV)
	$(call new_venv,.tools/$*,--without-pip)
	$(call install,.tools/$*,--require-hashes -r $<)
	@touch $@

$(UV_VENV): locks/uv.txt
	$(call new_venv,.tools/uv)
	.tools/uv/bin/pip install --quiet --no-deps --require-hashes -r $<
	@touch $@

# pip installs where uv can't: it reads an index from pip.conf, which uv does not.
define install
$(UV) pip install --quiet --no-deps --python $(1) $(2) || \
  .tools/uv/bin/pip --python $(1) install --quiet --no-deps $(2)
endef

define new_venv
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
  echo "Readiness needs Python 3.11 or newer, and $(PYTHON) is not: name one with make PYTHON=/path/to/python" >&2; exit 1; }
$(PYTHON) -m venv $(2) $(1)
endef

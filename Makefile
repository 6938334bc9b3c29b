# Two commands matter: `make run` and `make test`. Each line here calls one script under scripts/.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export PORT DATA_DIR FEATURES

.PHONY: help run build test e2e lint fmt bench soak clean setup staging-up staging-status staging-verify staging-faults staging-load staging-down

help: ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  Settings: PORT=3000 DATA_DIR=./data (run), FEATURES=wgpu (build: grade on a graphics card)"

run: ## install what is missing, build, seed the demo on first start, serve on 127.0.0.1:3000
	@scripts/run.sh

build: ## release server at target/release/auto-grader, site at target/site
	@scripts/setup.sh run
	@scripts/build.sh

test: ## everything: formatting, lints, unit, database, HTTP, browser and short staging tests; ends with "N passed, N failed"
	@scripts/test.sh

e2e: ## only the browser tests, against the last build (ARGS="-g 'sign in'" picks some)
	@scripts/setup.sh test
	@scripts/e2e.sh $(ARGS)

lint: ## formatting and clippy of both faces, no tests
	@scripts/test.sh lint

fmt: ## format the Rust sources
	@cargo fmt --all

bench: ## grading benchmarks and the load scenario
	@scripts/bench.sh

soak: ## kill the server at random moments for a long time (KILLS=500)
	@scripts/soak.sh

setup: ## only install what building and testing need
	@scripts/setup.sh test

staging-up: ## the whole production shape on this machine, as ordinary processes on loopback
	@scripts/setup.sh staging
	@[ -x target/release/auto-grader ] && [ -d target/site/pkg ] || scripts/build.sh
	@[ -x target/release/examples/load ] || cargo build --release -p server --example load
	@scripts/fetch-model.sh
	@scripts/staging/up.sh

staging-status: ## which of its processes run, with memory and CPU time
	@scripts/staging/status.sh

staging-verify: ## the launch runbook against it, from the first line to the signed report (PARTS="backup restore" picks some)
	@scripts/staging/verify.sh $(PARTS)

staging-faults: ## break one thing after another under load; prints what people saw and that nothing was lost
	@scripts/staging/faults.sh $(FAULTS)

staging-load: ## 500 virtual users for 2 minutes through Nginx with TLS
	@scripts/staging/load.sh

staging-down: ## stop it and remove its data (KEEP=1 keeps them)
	@scripts/staging/down.sh

clean: ## remove what was built (the data folder stays)
	@cargo clean
	@rm -rf scripts/web-tools/node_modules end2end/node_modules end2end/test-results

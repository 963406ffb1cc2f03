# Every target sets up what it needs; `make run` and `make test` are all a newcomer has to know.
.DEFAULT_GOAL := help
.PHONY: help setup build run console console-types browser test test-long test-console test-console-short
.PHONY: screenshots test-api fmt lint doc bench-ingest bench-register bench-api bench-commands bench-console clean

# Simulated piles of `make run`, and further options of `pile-ops up`: make run SIMULATE=200 ARGS="--web-port 8081"
SIMULATE ?= 20
ARGS ?=

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install broker, Redis and the ClickHouse library, where missing
	@scripts/setup

build: console ## release binaries in target/release: pile-ops, ops_tcu, register, webserver, connector, chdbd, tcu_sim
	cargo build --release --workspace --exclude bench --bins

run: build ## the whole platform on this machine, with simulated piles; Ctrl-C stops it
	@exec target/release/pile-ops up --simulate $(SIMULATE) $(ARGS)

# The tests start the services as programs. Building programs and tests in one go gives both the same features,
# so that nothing is compiled twice.
test: console ## all tests, against real servers
	cargo build --workspace --bins --tests
	cargo test --workspace
	npm --prefix console test

test-long: console ## the tests that take minutes: campaigns with every fault, and killed again and again (25 minutes)
	cargo build --workspace --bins
	cargo test -p connector --test it -- --ignored --test-threads 1

console: setup ## the console's files in console/dist, which the web server takes in
	@scripts/console

# The drift of console/openapi.json from the program is a test of the web server.
console-types: ## console/openapi.json anew, after the web API has changed
	cargo run --quiet -p webserver -- --openapi >console/openapi.json
	npm --prefix console run types

# What needs a browser also needs the programs; a whole platform is started, on free ports, in a temporary folder.
browser: console
	@scripts/setup --browser
	cargo build --workspace --bins

test-console: browser ## the console walked through in a real browser, against the real platform (a quarter of an hour)
	npm --prefix console run e2e

test-console-short: browser ## the beginning of it, in a minute or two
	npm --prefix console run e2e:short

screenshots: browser ## every page of the console in both themes and languages, into console/screenshots/
	npm --prefix console run screenshots

# FUZZ: more options of Schemathesis, such as --max-time 600 or --seed 1. With OPS_FUZZ_SHORT=1 it is done in a
# minute or two, with the same requests every time.
FUZZ ?=
test-api: ## the web API in the hands of Schemathesis, against real servers
	@scripts/setup --schemathesis
	cargo build -p chdbd --bins
	OPS_FUZZ="$(FUZZ)" cargo test -p webserver --test fuzzed -- --ignored --nocapture

fmt: ## format the code
	cargo fmt --all
	npm --prefix console run format

lint: console ## clippy and eslint, warnings are errors
	cargo clippy --workspace --all-targets -- -D warnings
	npm --prefix console run lint

doc: ## the code's documentation, warnings are errors
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

bench-ingest: setup ## how fast the main path is; figures in docs/BENCHMARKS.md
	cargo build --release --workspace --bins
	cargo run --release -p bench -- ingest

bench-register: setup ## how fast register lets a fleet in; figures in docs/BENCHMARKS.md
	cargo build --release -p register -p chdbd -p bench
	cargo run --release -p bench -- register

bench-api: setup ## how fast the web API is over a large database; figures in docs/BENCHMARKS.md
	cargo build --release -p webserver -p chdbd -p ops_tcu -p simulator --bins
	cargo run --release -p bench -- api --full

bench-commands: setup ## commands, a batch, firmware, logs and a campaign over 10,000 piles; figures in docs/BENCHMARKS.md
	cargo build --release --workspace --bins
	cargo run --release -p bench -- commands

# OPS_BENCH_WORLD: other data than --full; OPS_BENCH_MINUTES: how long the monitor is watched, 10 if absent.
bench-console: console ## how fast the console is over a large database, in a real browser; figures in docs/BENCHMARKS.md
	@scripts/setup --browser
	cargo build --release -p webserver -p chdbd -p ops_tcu -p simulator -p bench --bins
	npm --prefix console run bench

clean: ## remove what was built; data (var/) and engines (.engines/) stay
	cargo clean

# Tenfold: the two commands the README promises, and what they need.
#
#   make demo         a region, ten boroughs and eight quarters on this machine, then the pages until Ctrl-C
#   make demo ONCE=1  the same, ending after the table; fails unless everything verifies
#   make test         every test, on SQLite and on a PostgreSQL it starts by itself
#   make coverage     spoilt extracts by the thousand through the readers, and which of their lines were run
#   make fuzz         spoilt messages, certificates and logs by the million through both programs' readers
#   make simulation   500 random programmes in the life of a federation
#   make lint         formatting, clippy, licences and sources of dependencies
#
# demo and test share one profile and one target folder: the dependencies are built once (some minutes).

CARGO ?= cargo
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

# Use the system's OpenSSL, which its distributor maintains, where its headers are there; else build it from
# source, which takes perl and some minutes more.
ifeq ($(shell pkg-config --exists openssl 2>/dev/null && echo yes),yes)
export OPENSSL_NO_VENDOR := 1
endif

.PHONY: demo test lint build tools postgres deny coverage fuzz simulation

demo: build
	@./$(TARGET)/demo $(if $(ONCE),--once)

TARGET := $(or $(CARGO_TARGET_DIR),target)/debug

build: tools
	@echo "Building (the first time takes some minutes) …"
	@$(CARGO) build --workspace --bins

# The programs first: some tests start them as processes.
test: tools postgres
	$(CARGO) build --workspace --bins
	$(CARGO) test --workspace

# What neither command can do without; each missing thing is named with the command that brings it.
tools:
	@missing=0; \
	need() { command -v "$$1" >/dev/null 2>&1 || { echo "missing: $$1. Install it with: $$2"; missing=1; }; }; \
	need $(CARGO) "https://rustup.rs, Rust $(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml) or later"; \
	need cc "sudo apt-get install gcc"; \
	need perl "sudo apt-get install perl"; \
	exit $$missing

# The store's tests run on both databases. As root the server's programs are installed, otherwise named.
postgres:
	@if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && ! command -v initdb >/dev/null 2>&1; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
			echo "Installing PostgreSQL for the tests …"; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >/dev/null; \
		else \
			echo "missing: PostgreSQL's programs. Install them with: sudo apt-get install postgresql"; exit 1; \
		fi; \
	fi

lint: tools
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	@$(MAKE) --no-print-directory deny

# MESSAGES: how many are read; PROGRAMMES: how many are played.
MESSAGES := $(or $(RUNS),1000000)
PROGRAMMES ?= 500
fuzz: tools
	$(CARGO) build -p tenfold-tests --bin fuzz_messages
	@$(TARGET)/fuzz_messages --runs $(MESSAGES)

simulation: tools
	$(CARGO) build -p tenfold-tests --bin bench_simulation
	@$(TARGET)/bench_simulation --programmes $(PROGRAMMES)

# RUNS: how many spoilt extracts. The tools come with the compiler, since both must be of one version.
RUNS ?= 100000
coverage: tools
	@tools="$$(rustc --print sysroot)/lib/rustlib/$$(rustc -vV | sed -n 's/^host: //p')/bin"; \
	[ -x "$$tools/llvm-cov" ] || { \
		echo "missing: llvm-cov. Install it with: rustup component add llvm-tools"; exit 1; }; \
	export RUSTC_WORKSPACE_WRAPPER=$(CURDIR)/tests/instrumented.sh LLVM_PROFILE_FILE=$(CURDIR)/$(COUNTS)/%p.profraw; \
	rm -rf $(COUNTS); \
	$(CARGO) build -p tenfold-tests --bin fuzz_readers; \
	rm -rf $(COUNTS); \
	$(TARGET)/fuzz_readers --runs $(RUNS); \
	"$$tools/llvm-profdata" merge -sparse $(COUNTS)/*.profraw -o $(COUNTS)/all.profdata; \
	"$$tools/llvm-cov" report $(TARGET)/fuzz_readers -instr-profile=$(COUNTS)/all.profdata \
		-show-region-summary=false -show-branch-summary=false $(wildcard node/src/intake node/src/intake.rs)
COUNTS := $(TARGET)/coverage

# Advisories need GitHub and are checked where it can be reached: cargo deny check advisories.
deny:
	@command -v cargo-deny >/dev/null 2>&1 || { \
		echo "missing: cargo-deny. Install it with: cargo install --locked cargo-deny"; exit 1; }
	$(CARGO) deny --log-level error check bans licenses sources

# fastmigrate. `make` alone lists what can be made; each line of that list is a `##` comment below.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
PREFIX  ?= $(shell [ -n "$(DESTDIR)" ] || [ -w /usr/local/bin ] && echo /usr/local || echo "$$HOME/.local")
BINDIR   = $(DESTDIR)$(PREFIX)/bin
MANDIR   = $(DESTDIR)$(PREFIX)/share/man/man1

# "yes" where a C compiler is found and can link a program; the C engine and the race detector need one.
HAVE_CC := $(shell [ "$$(go env CGO_ENABLED)" = 1 ] && \
	echo 'int main(void) { return 0; }' | $$(go env CC) -x c -o /dev/null - 2>/dev/null && echo yes)

# The C engine: mattn/go-sqlite3 with what the pure-Go driver and Debian's sqlite3 have. FTS5, math functions,
# STAT4 and dbstat have tags of their own (rtree and JSON are always in); the rest is said to the C compiler.
C_ENGINE = csqlite sqlite_fts5 sqlite_math_functions sqlite_stat4 sqlite_dbstat
C_TAGS   = -tags "$(C_ENGINE)$(if $(STATIC), $(STATIC_TAGS))"
C_CFLAGS = -DSQLITE_SOUNDEX -DSQLITE_ENABLE_GEOPOLY -DSQLITE_ENABLE_OFFSET_SQL_FUNC \
	-DSQLITE_ENABLE_DBPAGE_VTAB -DSQLITE_DEFAULT_MEMSTATUS=0
C_ENV    = CGO_ENABLED=1 CGO_CFLAGS="$(shell go env CGO_CFLAGS) $(C_CFLAGS)"
C_PKGS   = . ./backend/sqlite/... ./connect/... ./cli/... ./cmd/... ./examples/... ./schemadiff/...

# Lint runs in the same mode as the tests, so that each driver is compiled once for both.
RACE     = $(if $(HAVE_CC),-race)
# Under the race detector each process would sleep for a second before it exits, and the tests start thousands.
GOTEST   = GORACE=atexit_sleep_ms=10 go test $(RACE) -timeout 20m
CROSS    = linux/arm64 darwin/arm64 windows/amd64

BUILD    = go build -buildvcs=false -trimpath -o bin/fastmigrate
LDFLAGS  = -s -w -X github.com/fastmigrate/fastmigrate/cli.Version=$(VERSION)

# What a binary that needs no C library at run time takes, beside the above.
STATIC_TAGS    = osusergo netgo sqlite_omit_load_extension
STATIC_LDFLAGS = -linkmode external -extldflags -static

# The benchmarks build programs with the C engine where there is a C compiler.
BENCH_ENV   = $(if $(HAVE_CC),$(C_ENV))
BENCH_TAGS  = $(if $(HAVE_CC),$(C_TAGS))
BENCH_FLAGS = -tags "$(if $(HAVE_CC),$(C_ENGINE))" $(if $(ONLY),-only "$(ONLY)",-docs ../docs) $(if $(ADD),-add -docs ../docs)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help build install deps fmt docs lint lint-bench test check test-go test-c test-import test-bench cross fuzz speed \
	bench bench-full dist clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build bin/fastmigrate, with the C engine where a C compiler is found (STATIC=1 links it statically, Linux)
ifeq ($(HAVE_CC),yes)
	$(C_ENV) $(BUILD) $(C_TAGS) -ldflags "$(LDFLAGS)$(if $(STATIC), $(STATIC_LDFLAGS))" ./cmd/fastmigrate
else
	CGO_ENABLED=0 $(BUILD) -ldflags "$(LDFLAGS)" ./cmd/fastmigrate
	@echo "note: no working C compiler found; bin/fastmigrate has the pure-Go engine, which is slower on heavy statements"
endif

install: build ## build, then put the binary, the five fastmigrate_* links and the man pages below PREFIX (PREFIX, DESTDIR)
	install -d "$(BINDIR)"
	install -m 755 bin/fastmigrate "$(BINDIR)/fastmigrate"
	"$(BINDIR)/fastmigrate" links "$(BINDIR)"
	install -d "$(MANDIR)"
	install -m 644 docs/man/*.1 "$(MANDIR)"

deps: ## see that what the tests need is there; on Debian, as root, install what is missing
	@scripts/deps

fmt: ## format the Go files
	gofmt -s -w .

docs: ## write docs/cli and docs/man anew from the commands
	go run ./internal/docgen

lint: ## gofmt, go vet and staticcheck, for both SQLite drivers
	@files=$$(gofmt -s -l .); [ -z "$$files" ] || { echo "not formatted (make fmt):"; echo "$$files"; exit 1; }
	go vet $(RACE) ./...
	@# staticcheck takes no -race of its own; GOFLAGS reaches the builds that it starts, and not its own.
	staticcheck=$$(go tool -modfile=tools/go.mod -n staticcheck) && \
		GOFLAGS="$$(go env GOFLAGS) $(RACE)" $$staticcheck ./...
ifeq ($(HAVE_CC),yes)
	$(C_ENV) go vet $(RACE) $(C_TAGS) ./...
	staticcheck=$$(go tool -modfile=tools/go.mod -n staticcheck) && \
		$(C_ENV) GOFLAGS="$$(go env GOFLAGS) $(RACE)" $$staticcheck $(C_TAGS) ./...
endif
	@$(MAKE) --no-print-directory lint-bench

# The benchmarks are a module of their own. Each of their programs is looked at with one driver; the tests build some
# with the other.
lint-bench:
	cd bench && $(BENCH_ENV) go vet $(RACE) $(BENCH_TAGS) ./...
	staticcheck=$$(go tool -modfile=tools/go.mod -n staticcheck) && cd bench && \
		$(BENCH_ENV) GOFLAGS="$$(go env GOFLAGS) $(RACE)" $$staticcheck $(BENCH_TAGS) ./...

# A make of its own, so that a C compiler that deps has just installed is seen.
test: deps ## everything that must pass: deps, lint, the tests on both drivers, the builds for other systems
	@$(MAKE) --no-print-directory check

check: lint test-go test-c test-import test-bench cross

test-go: ## the tests on the pure-Go driver, with -race where a C compiler is found
	@[ -n "$(RACE)" ] || echo "NOTE: no working C compiler found: the tests run without -race"
	$(GOTEST) ./...

test-c: ## the SQLite and CLI tests on the C engine
ifeq ($(HAVE_CC),yes)
	$(C_ENV) $(GOTEST) $(C_TAGS) $(C_PKGS)
else ifneq ($(filter true 1,$(CI)),)
	@echo "error: no working C compiler found, so the C engine cannot be tested; install gcc and libc6-dev (CI may not leave this out)" >&2
	@exit 1
else
	@echo "***************************************************************************"
	@echo "*  NOT RUN: the tests of the C engine. No working C compiler was found.   *"
	@echo "*  Install one (Debian: gcc libc6-dev) and run make test again.           *"
	@echo "***************************************************************************"
endif

test-import: ## that fastmigrate takes over what goose and golang-migrate have migrated
	cd internal/importtest && go vet ./... && go test -timeout 20m ./...

test-bench: ## the tests of the benchmarks: everyone who takes part does each work once, in tiny sizes
	cd bench && $(GOTEST) ./...

cross: ## build without cgo for other systems, leaving nothing behind
	@for target in $(CROSS); do \
		echo "build for $$target"; \
		CGO_ENABLED=0 GOOS=$${target%/*} GOARCH=$${target#*/} go build -buildvcs=false -o /dev/null ./... || exit 1; \
	done

fuzz: ## compare ten million generated scripts with SQLite's own parser (up to an hour)
	FASTMIGRATE_FUZZ_INPUTS=10000000 go test ./internal/sqlscan -run TestDifferential -timeout 60m -v

speed: build ## print how long the work takes beside Debian's sqlite3 shell
	scripts/speed

bench: build ## measure beside other tools, and write docs/BENCHMARKS.md (a quarter of an hour; ONLY=small,script prints some, ADD=1 adds them)
	cd bench && $(BENCH_ENV) go run . $(BENCH_FLAGS)

bench-full: build ## the same in all sizes (hours, and some 10 GB of disk)
	cd bench && $(BENCH_ENV) go run . -full $(BENCH_FLAGS)

dist: ## build the archives of a release into dist/, for Linux, macOS and Windows, without cgo
	go run ./internal/dist -version "$(VERSION)" -time "$$(git log -1 --format=%ct 2>/dev/null || echo 0)"

clean: ## remove what was built
	rm -rf bin dist completions

# SPDX-License-Identifier: MIT
#
# What a newcomer types. Meson and Ninja do the building; this file only knows the order of things, so that two words are
# enough on a fresh machine. Everything made is under build*/ and `make clean` removes it.

SHELL       := /bin/bash
.SHELLFLAGS := -o pipefail -c

BUILD  ?= build
PREFIX ?= /usr/local
JOBS   ?= $(shell nproc)
ROOT   := $(if $(filter 0,$(shell id -u)),,sudo)
setup  := scripts/setup.sh

# Whole, also where a folder above has a space in its name.
build-path := $(if $(filter /%,$(BUILD)),$(BUILD),$(CURDIR)/$(BUILD))

# A locale that is not installed makes each bash say so.
unexport LC_ALL

# Quiet when all is well, everything when it is not.
quietly = @log=$$(mktemp) || exit 1; if ! ( $(1) ) >"$$log" 2>&1; then cat "$$log" >&2; rm -f "$$log"; exit 1; fi; rm -f "$$log"

# What is run while one works: from a built tree it ends within two minutes on two idle CPUs.
quick := lint unit cli live/formats live/where truth/exitsnoop truth/opensnoop

.PHONY: all build demo test test-quick test-full lint test-vm fuzz coverage bench dev format install clean help install-build install-test with-tests

## make            build build/ecc, build/ecli and the tools; asks for what is missing (as root: installs it)
all:
	@$(if $(ROOT),$(setup) --check build,$(setup) build)
	@$(MAKE) --no-print-directory build

install-build:
	@$(setup) build

install-test:
	@$(setup) test

# A build folder that was made before cmocka was there knows no test.
with-tests: install-test
	$(call quietly,test -f $(BUILD)/build.ninja || meson setup $(BUILD) --prefix $(PREFIX) -Dtests=enabled)
	$(call quietly,grep -q tests.*enabled $(BUILD)/meson-private/cmd_line.txt || meson setup --reconfigure $(BUILD) -Dtests=enabled)

build:
	$(call quietly,test -f $(BUILD)/build.ninja || meson setup $(BUILD) --prefix $(PREFIX))
	@ninja -C $(BUILD) -j $(JOBS) | scripts/progress.sh building

## make demo       install what is missing, build, compile tools/runqslower with ecc, trace 10 s with ecli
demo:
	@echo "make demo: installs what is missing, builds, compiles a tool, traces for 10 s; 2 to 4 minutes on a bare machine"
	@$(setup) build
	@echo "building ecc, ecli and the tools in $(BUILD)"
	@$(MAKE) --no-print-directory build
	@mkdir -p $(BUILD)/demo
	@echo "compiling a tool, then tracing for 10 s who waits for a CPU for 1 ms and more:"
	$(BUILD)/ecc -o $(BUILD)/demo tools/runqslower/runqslower.bpf.c tools/runqslower/runqslower.h
	$(ROOT) $(BUILD)/ecli run --duration 10 --stats $(BUILD)/demo/package.json --min-us 1ms

# run-tests, SUITES, ENVIRONMENT: installs, builds, runs.
run-tests = @$(setup) test
run-tests += && echo "building in $(BUILD)" && $(MAKE) --no-print-directory with-tests build
run-tests += && BUILD="$(build-path)" $(2) tests/run.sh $(1)

## make test       install what is missing, build, run every suite; the last line counts
test:
	$(if $(SUITE),$(error suites are named by SUITES="$(SUITE)"))
	@$(if $(SUITES),,echo "make test: installs what is missing, builds, runs every suite; about 10 minutes on two idle CPUs, longer on a busy machine")
	$(call run-tests,$(SUITES))

## make test-quick lint, unit tests, the command line and a few tools on this kernel: within 2 minutes
test-quick:
	$(call run-tests,$(quick))

## make test-full  every suite with what rarely decides, and all virtual machines: before a release
test-full:
	@echo "make test-full: every suite in full, and all virtual machines; the best part of an hour"
	@$(setup) cross
	$(call run-tests,,ECLI_TEST_FULL=1 ECLI_VM_MACHINES=all ECLI_VM_TABLE="$(CURDIR)/docs/kernels.md")

## make lint       layers, licences, format and the other rules that reading can check
lint: with-tests build
	@BUILD="$(build-path)" tests/run.sh lint

## make test-vm    every tool on Debian's kernels from 5.10 to the newest and on arm64, in QEMU; writes docs/kernels.md
test-vm: with-tests build
	@$(setup) cross
	@BUILD="$(build-path)" ECLI_VM_MACHINES=all ECLI_VM_TABLE="$(CURDIR)/docs/kernels.md" tests/run.sh vm

## make fuzz       each fuzz target under libFuzzer, SECONDS=60 long; FUZZ="package btf" takes only these
fuzz:
	@$(setup) fuzz
	@BUILD="$(build-path)" tests/fuzz/long.sh $(or $(SECONDS),60) $(FUZZ)

## make coverage   which lines of src/ the unit tests run, per file and folder; COVERAGE="package types" shows only these
coverage: install-test
	@BUILD="$(build-path)" COVERAGE="$(COVERAGE)" tests/coverage.sh

## make bench      docs/performance.md anew: rows, storms, latency, start-up, costs; PEERS=1 fetches bpftrace and libbpf-tools to compare
bench: with-tests build
	@BUILD="$(build-path)" bench/run.sh

## make dev        ASan, UBSan and -Werror in build-dev, with the unit tests
dev: install-test
	$(call quietly,test -f build-dev/build.ninja || meson setup build-dev -Db_sanitize=address,undefined -Dwerror=true -Dtests=enabled)
	@ninja -C build-dev -j $(JOBS) --quiet
	@meson test -C build-dev --no-rebuild --timeout-multiplier 0 --print-errorlogs --num-processes $(JOBS)

## make format     lay out all C sources as tests/lint wants them
format: install-test
	clang-format-14 -i $$(git ls-files 'src/*.[ch]' 'cli/*.[ch]' 'include/*.h' 'tests/*.[ch]' 'bench/*.[ch]' 'tools/*.[ch]' | grep -vE '/prelude/|^tests/golden/')

## make install    programs and tools into DESTDIR and PREFIX (default /usr/local); see packaging/README.md
install: build
	$(call quietly,meson configure $(BUILD) --prefix $(PREFIX))
	$(call quietly,DESTDIR="$(DESTDIR)" meson install -C $(BUILD))
	@echo "installed under $(DESTDIR)$(PREFIX)"

## make clean      remove everything that was built
clean:
	rm -rf build build-dev build-static

help:
	@sed -n 's/^## //p' $(firstword $(MAKEFILE_LIST))

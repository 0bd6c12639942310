# `make` prints what there is.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
FUZZTIME ?= 1m
RUNS ?= 7
BUILDER ?= docker

.PHONY: help build test versions race lint vulncheck fmt fuzz bench profile bench-draw conformance pyairbyte image release ci clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## bin/target-postgres, static, with the version from git
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/target-postgres .

test: ## all tests; a server is found, or fetched, or named by $TEST_POSTGRES_DSN
	go test ./...

versions: ## all tests on every PostgreSQL that is supported, 13 to 18; VERSIONS="14 16" for some
	@ALL_VERSIONS=1 .ci/run versions

race: ## the tests under the race detector
	@.ci/run race

lint: ## gofmt, vet and golangci-lint, as in CI
	@.ci/run format vet lint

vulncheck: ## known vulnerabilities in what is linked, into dist/vulnerabilities.txt; needs the network
	@mkdir -p dist && release/vulncheck.sh dist/vulnerabilities.txt

fmt: ## rewrite the Go files in the project's format
	go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 fmt

fuzz: ## every fuzz target for FUZZTIME (1m) each
	@grep -rl --include='*_test.go' '^func Fuzz' . | sort | while read -r file; do \
		for name in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$file"); do \
			echo "$$(dirname "$$file") $$name"; \
			go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$(dirname "$$file")"; \
		done; \
	done

bench: ## speed and memory against psql and others, into docs/; FLIGHTS=file RUNS=7 ONLY=flights,append SIZES=300000,…
	@bench/run.sh --runs $(RUNS) --docs docs $(if $(ONLY),--only $(ONLY)) $(if $(SIZES),--sizes $(SIZES))

profile: ## default.pgo, by which the compiler arranges the program's code: where whole loads spend their time
	@mkdir -p bin
	go test ./bench/profile -run '^$$' -bench . -benchtime 4x -o bin/profile.test -outputdir $(CURDIR)/bin -cpuprofile cpu.pprof
	go tool pprof -proto -output default.pgo bin/cpu.pprof

bench-draw: ## the tables and plots once more from what `make bench` has measured
	@python3 bench/bench.py --draw --docs docs

conformance: ## the Singer SDK's target suite
	@.ci/run conformance

pyairbyte: ## Airbyte's own client, with a real source, into the program
	@.ci/run pyairbyte

image: ## the container images of amd64 and arm64, with BUILDER (docker or "buildah --storage-driver vfs")
	VERSION=$(VERSION) container/dist.sh amd64 arm64
	for arch in amd64 arm64; do \
		$(BUILDER) build --platform linux/$$arch --build-arg VERSION=$(VERSION) --tag target-postgres:$(VERSION)-$$arch .; \
	done

release: ## dist/release: archives and wheels of six systems, a bill of materials, known vulnerabilities, checksums
	release/release.sh $(VERSION) dist/release

ci: ## every check, as in CI
	@.ci/run

clean: ## remove what the commands above made
	rm -rf bin dist bench/.data bench/results

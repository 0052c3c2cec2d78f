# Two commands do all the set-up: make run, make test. The rest is for those
# who change the code; docs/development.md says more.

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  = -s -w -X github.com/rampforgeai/rampforge/internal/cli.version=$(VERSION)
TOOLS    = $(GO) tool -modfile=tools/go.mod
# Every package tests itself in parallel already; two at a time keep a small
# machine responsive and timings in tests honest.
TESTFLAGS ?= $(RACE) -p 2 -timeout 15m
# Half of the time would go into looking for races where there are none: SQLite
# is C in the form of Go and keeps its data outside Go's heap, where the
# detector sees nothing, and blowfish hashes passwords on memory of its own.
RACE      = -race -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=golang.org/x/crypto/blowfish=-race=false

# Paths are trimmed everywhere, so that tests and programs share what was compiled.
export GOFLAGS ?= -buildvcs=false -trimpath

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: run
run: build ## build everything and serve on http://localhost:8000
	./bin/rampforge serve

.PHONY: build
build: web ## build bin/rampforge with the web pages inside
	$(GO) build -ldflags '$(LDFLAGS)' -o bin/rampforge ./cmd/rampforge

# The stamps make the web build run only when its inputs changed.
WEB_SOURCES = $(shell find web/src web/public web/scripts -type f 2>/dev/null) $(wildcard web/*.html web/*.ts web/*.mjs web/*.json web/.npmrc)

.PHONY: web
web: web/dist/index.html ## build the web pages into web/dist

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

web/dist/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES)
	cd web && npm run --silent build
	@touch $@

.PHONY: test
test: web ## run all tests with the race detector, on SQLite and PostgreSQL
	$(GO) test $(TESTFLAGS) ./...
	cd web && npm run --silent check && npm run --silent test

# The packages that have such files: to build the tests of all the others only to
# find that none of them is meant takes minutes.
having = $(sort $(dir $(shell find ./bench ./internal -name '$(1)')))

.PHONY: test-long
test-long: build test-mcp test-deploy ## run what takes long: kill loops, vendors' MCP servers, the browser, big fuzz
	$(GO) test $(RACE) -p 1 -timeout 35m -tags long -run 'Long' $(call having,*long_test.go)
	cd web && npm run --silent e2e
	./bench/fuzz.sh $(FUZZTIME)

.PHONY: test-huge
test-huge: ## analyse repositories of a million files and of 500,000 commits: minutes, and gigabytes
	$(GO) test -timeout 60m -tags long -run 'Huge' ./internal/inspect

# The vendors' own MCP servers, unmodified, and a Node that the newest of them
# needs: its package fetches the binary for this machine when it is set up.
bin/mcp/.ready: test/mcp/package.json test/mcp/package-lock.json test/mcp/go.mod test/mcp/go.sum
	mkdir -p bin/mcp
	cp test/mcp/package.json test/mcp/package-lock.json test/mcp/.npmrc bin/mcp/
	cd bin/mcp && npm ci --no-audit --no-fund --loglevel=error && npm rebuild --ignore-scripts=false --loglevel=error node
	cd test/mcp && $(GO) build -o ../../bin/mcp/github-mcp-server github.com/github/github-mcp-server/cmd/github-mcp-server
	@touch $@

.PHONY: test-mcp
test-mcp: bin/mcp/.ready ## run the connectors against the vendors' own MCP servers
	RAMPFORGE_MCP_SERVERS=$(CURDIR)/bin/mcp $(GO) test -p 1 -timeout 20m -tags mcp,long -run 'RealMCP' $(call having,mcp_real_test.go) ./internal/cli

.PHONY: test-deploy
test-deploy: build ## hold the chart, the compose files, the Dockerfile and the unit against their own readers
	cd test/deploy && $(GO) test -count=1 .

.PHONY: check
check: fmt-check vet lint tidy-check generated-check test ## everything a change must pass

.PHONY: fmt-check
fmt-check:
	@bad=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$bad" || { echo "not gofmt-ed:"; echo "$$bad"; exit 1; }

.PHONY: vet
vet:
	$(GO) vet ./...
	$(GO) vet -tags long,mcp ./...

.PHONY: lint
lint: ## run golangci-lint
	$(TOOLS) golangci-lint run ./...

.PHONY: tidy-check
tidy-check:
	$(GO) mod tidy -diff
	cd tools && $(GO) mod tidy -diff

.PHONY: generate
generate: ## write the generated files and goldens anew: OpenAPI, schemas, reference tables
	$(GO) test ./internal/api -run 'GoldenExamples' -update # which the OpenAPI document holds
	$(GO) test ./internal/api ./internal/database ./internal/cli -run 'Golden' -update

.PHONY: generated-check
generated-check:
	$(GO) test ./internal/api ./internal/database ./internal/cli -run 'Golden'

.PHONY: sbom
sbom: ## write what the program and its pages are built of, as CycloneDX, into bin/
	mkdir -p bin
	$(GO) run github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0 app -json -main cmd/rampforge -output bin/sbom-go.cdx.json .
	cd web && npm sbom --package-lock-only --sbom-format cyclonedx > ../bin/sbom-web.cdx.json

.PHONY: audit
audit: ## look for known faults in what we build upon; asks vuln.go.dev and the npm registry
	$(GO) run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...
	cd web && npm audit --omit=dev

.PHONY: bench
bench: build ## measure speed and memory side by side; docs/benchmarks.md says how to read it
	./bench/run.sh

.PHONY: clean
clean: ## remove what was built
	rm -rf bin web/node_modules
	find web/dist -mindepth 1 ! -name .gitkeep -delete

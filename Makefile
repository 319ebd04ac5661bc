STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: help build check lint fmt test race fuzz soak bench demo docs generate

help: ## List the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

build: ## Build tabctl, the same bytes on every machine; its version comes from git
	CGO_ENABLED=0 go build -trimpath -buildvcs=auto -o tabctl ./cmd/tabctl

check: ## What CI runs: lint, tests, tests with the race detector
	.ci/run

lint: ## gofmt, go vet, go mod tidy and staticcheck
	@files=$$(gofmt -l .); if [ -n "$$files" ]; then echo "gofmt would change:"; echo "$$files"; exit 1; fi
	go vet ./...
	go mod tidy -diff
	go run $(STATICCHECK) ./...

fmt: ## Format all Go files
	gofmt -w .

test: ## Run the tests
	go test ./...

race: ## Run the tests with the race detector
	go test -race -timeout 30m ./...

fuzz: ## Fuzz each target for FUZZTIME (default 60s)
	@for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime $${FUZZTIME:-60s} $$package || exit 1; \
		done; \
	done

soak: ## 32 clients for half an hour, with faults and kills, and an audit
	go run ./bench/soak

bench: ## Run the benchmarks
	go test -run '^$$' -bench . -benchmem ./...
	go run ./bench

demo: ## Run the demo
	go run ./cmd/tabctl demo

docs: ## Write what docs say of routes, methods and commands anew, from the code
	go test ./internal/house -update
	go test ./internal/cli -run 'TestDocs|TestFromTabcmd' -update

generate: ## Make the generated files anew
	go generate ./...

# Bare `make` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory
unexport PYTHONDONTWRITEBYTECODE  # our own bytecode of the first start makes the second one faster

BIN := .venv/bin
MEETROOM := $(BIN)/python -m meetroom.cli
ENGINE := media/engine/compiled.abi3.so
WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*')

.PHONY: help run build test check lock contract fuzz peers bench bench-reconnect bench-link bench-media bench-papers bench-votes axe histories screens clean test-system bench-system papers-corpus

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 17

run: ## build what is not built yet, and start the server (Ctrl-C ends it)
	@$(MAKE) -j2 build
	@exec $(MEETROOM) serve

build: $(BIN)/synced web/dist/index.html $(ENGINE) ## install the locked packages, build the packet engine and the front end
	@:

test: test-system build ## run every test; as root, install the Debian packages they need
	npm --prefix web test & web=$$!; $(BIN)/pytest; wait $$web

check: build ## lint, types, import contracts, and whether the generated contract is fresh
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MEETROOM) contract --check
	npm --prefix web run check

lock: $(BIN)/synced ## resolve pyproject.toml into requirements.txt; UPGRADE=--upgrade takes newer versions
	$(BIN)/uv pip compile pyproject.toml --group dev --python-version 3.11 --generate-hashes $(UPGRADE) --quiet \
		--custom-compile-command 'make lock' --output-file requirements.txt

contract: $(BIN)/synced ## write the front end's types from the schemas
	$(MEETROOM) contract

fuzz: build ## feed every reader of the media node and the packet engine with junk, SECONDS=60 each
	$(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS),60)
	FUZZ_RUNS=$$(( 500 * $(or $(SECONDS),60) )) $(BIN)/pytest tests/fuzz/test_engine.py

axe: build test-system ## look on every screen for what shuts people out, on a phone and on a tablet
	AXE=phone $(BIN)/pytest tests/stories/test_screens.py
	AXE=tablet $(BIN)/pytest tests/stories/test_screens.py

histories: build ## play HISTORIES=100000 random votes of each kind against the pure tally
	HISTORIES=$(or $(HISTORIES),100000) $(BIN)/pytest -n 0 tests/voting/test_histories.py

peers: build test-system ## a call of Chromium, Firefox, aiortc and GStreamer; prints what each of them counted
	@missing=""; \
	command -v firefox-esr >/dev/null || missing="$$missing firefox-esr"; \
	dpkg -s gstreamer1.0-nice gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gir1.2-gst-plugins-bad-1.0 >/dev/null 2>&1 \
		|| missing="$$missing gstreamer1.0-nice gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad \
		gstreamer1.0-plugins-ugly gir1.2-gst-plugins-base-1.0 gir1.2-gst-plugins-bad-1.0 python3-gi"; \
	if [ -n "$$missing" ]; then apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; fi
	$(BIN)/python -m tests.peers

bench: build ## measure; prints a table and writes build/bench/bench.jsonl
	@mkdir -p build/bench
	$(BIN)/python -m tests.bench

bench-reconnect: build test-system ## measure how long sound and pictures are away when a media node dies or is drained
	@mkdir -p build/bench
	$(BIN)/python -m tests.bench.reconnect

bench-link: build test-system ## measure a call over bad lines, in real pages; prints a table and writes build/bench/link.jsonl
	$(BIN)/python -m tests.bench.link

bench-votes: build ## measure 500 ballots at once and votes with kill -9 (VOTES=200); prints a table and writes build/bench/votes.jsonl
	@mkdir -p build/bench
	$(BIN)/python -m tests.bench.votes

bench-media: build bench-system build/bench/load.so ## measure the media node against Janus, as root; MEDIA="--help" lists what can be asked
	nice -n -10 unshare --net $(BIN)/python -m tests.bench.media $(MEDIA)

bench-papers: build test-system ## measure how papers are prepared and spread; prints a table and writes build/bench/papers.jsonl
	$(BIN)/python -m tests.bench.papers

papers-corpus: build test-system ## prepare every file below DIR=…, and say what became of each; writes build/corpus/
	$(BIN)/python -m tests.corpus $(DIR) $(CORPUS)

screens: build test-system ## photograph every screen into docs/screens/
	$(BIN)/python -m tests.screens

clean: ## remove everything that was built; data stays
	rm -rf build .venv web/dist web/node_modules .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# --- what the targets above stand on; each file is newer than what it was made of ---

# One apt line names everything that is missing. Debian 12's own Node is 18, too old for the front end's tools.
build/system: Makefile
	@missing=""; \
	python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || missing="$$missing python3"; \
	python3 -c 'import ensurepip' 2>/dev/null || missing="$$missing python3-venv"; \
	command -v gcc >/dev/null || missing="$$missing gcc libc6-dev"; \
	if [ -n "$$missing" ]; then echo "System packages are missing. As root: apt install$$missing" >&2; exit 1; fi; \
	if ! command -v npm >/dev/null || ! node -e 'const [a, b] = process.versions.node.split(".", 2); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)'; then \
		echo "Node 20.19 or newer with npm is needed; this machine has $$(node --version 2>/dev/null || echo none)." >&2; \
		echo "Debian 12's own package is 18: add the package source of NodeSource for Node 20, then, as root: apt install nodejs" >&2; \
		exit 1; \
	fi
	@mkdir -p build
	@touch $@

test-system:
	@missing=""; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	command -v turnserver >/dev/null || missing="$$missing coturn"; \
	compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing="$$missing postgresql"; \
	[ -d /usr/share/fonts/truetype/noto ] || missing="$$missing fonts-noto-core"; \
	command -v soffice >/dev/null || missing="$$missing libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui"; \
	command -v pdftocairo >/dev/null || missing="$$missing poppler-utils"; \
	compgen -G '/usr/share/tesseract-ocr/*/tessdata/vie.traineddata' >/dev/null || missing="$$missing tesseract-ocr tesseract-ocr-vie"; \
	[ -e /usr/include/openssl/evp.h ] || missing="$$missing libssl-dev"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" != 0 ]; then echo "The tests need more Debian packages. As root: apt install$$missing" >&2; exit 1; fi; \
	apt-get update -qq; \
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing

bench-system:
	@if [ "$$(id -u)" != 0 ]; then echo "make bench-media needs root: a network of its own, and cores" >&2; exit 1; fi; \
	missing=""; \
	command -v janus >/dev/null || missing="$$missing janus"; \
	command -v ip >/dev/null || missing="$$missing iproute2"; \
	[ -e /usr/include/openssl/evp.h ] || missing="$$missing libssl-dev"; \
	[ -z "$$missing" ] || { apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; }

build/bench/load.so: $(wildcard tests/bench/media/*.[ch])
	@mkdir -p build/bench
	gcc -O2 -Wall -Wextra -Werror -shared -fPIC -o $@ $(filter %.c,$^) -lcrypto

$(BIN)/python: | build/system
	python3 -m venv .venv

# uv comes from the lock file as well, by pip, with its hash; then it installs the rest.
$(BIN)/synced: requirements.txt | $(BIN)/python
	@mkdir -p build
	@sed -n '/^uv==/,/^[^ ]*==/{/^uv==/p;/^    --hash/p}' requirements.txt > build/uv.txt
	$(BIN)/python -m pip install --quiet --require-hashes -r build/uv.txt
	$(BIN)/uv pip sync --quiet --require-hashes requirements.txt
	@touch $@

web/node_modules/.package-lock.json: web/package-lock.json | build/system
	npm --prefix web ci --silent
	@touch $@

web/dist/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES)
	npm --prefix web run --silent build -- --logLevel error
	@touch $@

# Python's packet engine takes its place where it cannot be built.
$(ENGINE): $(wildcard media/engine/*.[ch]) media/engine/bind.py | $(BIN)/synced
	@rm -f $@; if $(BIN)/python -m media.engine.bind build/engine/bind.c >/dev/null && \
		echo '#include <openssl/evp.h>' | gcc -E -x c - -o /dev/null 2>/dev/null && \
		gcc -std=gnu11 -D_GNU_SOURCE -O2 -fPIC -shared -Wall -Wextra -Wno-missing-field-initializers -Imedia/engine \
			-I"$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_paths()["include"])')" \
			build/engine/bind.c media/engine/*.c -lcrypto -o $@.new; \
	then mv $@.new $@; \
	else echo "WARNING: the native packet engine was not built; the one in Python is enough for a few points only." >&2; \
		echo "As root: apt install gcc libc6-dev libssl-dev python3-dev; then: make build" >&2; fi

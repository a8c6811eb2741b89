# Thin by intent: every line names a program that does the work.
.DEFAULT_GOAL := help
.PHONY: help run test check lint format types imports contracts bench capacity soak faults simulate mutate docs store setup clean

# The first Python 3 that really runs (a pyenv shim may exist and not run); set-up then picks 3.11–3.13 itself.
ifndef PYTHON
PYTHON := $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,$(shell $(name) -c 'print("$(name)")' 2>/dev/null)))
endif
BIN := .venv/bin

help: ## Tampilkan perintah / show the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup ## Jalankan semuanya / start everything (SPEED=1, REPLAY=off; DEMO=off TENANTS=folder)
	@$(BIN)/siaga run $(if $(SPEED),--speed $(SPEED)) $(if $(REPLAY),--replay $(REPLAY)) \
		$(if $(DEMO),--demo $(DEMO)) $(if $(TENANTS),--tenants $(TENANTS))

test: setup ## Jalankan semua pengujian / run all tests (ONLY=path for some)
	@$(BIN)/pytest $(ONLY)

check: setup ## Periksa gaya, tipe, arah impor, kontrak / check style, types, directions, contracts
	@$(MAKE) --no-print-directory --keep-going lint format types imports contracts

lint:
	@$(BIN)/ruff check .

format:
	@$(BIN)/ruff format --check .

types:
	@$(BIN)/mypy

imports:
	@$(BIN)/lint-imports --no-cache

contracts:
	@$(BIN)/python -m shared_schemas check

bench: setup ## Ukur dan cetak angka / measure and print the figures (BENCH=quick ONLY=growth GROWN=1000,10000,100000)
	@$(BIN)/python -m bench.report

capacity: setup ## Cari panggilan per detik yang tertanggung / find the calls a second that hold (CAPACITY=quick, RATE=12 LENGTH=180)
	@CAPACITY="$(CAPACITY)" RATE="$(RATE)" LENGTH="$(LENGTH)" $(BIN)/python -m bench.capacity

soak: setup ## Lihat apakah memori tumbuh dalam satu jam / see whether memory grows within an hour (LENGTH=3600 RATE=2)
	@LENGTH="$(LENGTH)" RATE="$(RATE)" $(BIN)/python -m bench.soak

faults: setup ## Bunuh dan tidurkan proses, lalu periksa / kill and pause processes, then check (ONLY=1 SEED=7 LENGTH=120 RATE=2 C=8 STORE=both)
	@ONLY="$(ONLY)" SEED="$(SEED)" LENGTH="$(LENGTH)" RATE="$(RATE)" C="$(C)" STORE="$(STORE)" KEEP="$(KEEP)" $(BIN)/python -m tests.faults

simulate: setup ## Ribuan hari buruk dalam beberapa menit / thousands of bad days in minutes (SEEDS=1000 FROM=1; SEED=7 tells one)
	@SEEDS="$(SEEDS)" FROM="$(FROM)" SEED="$(SEED)" $(BIN)/python -m tests.simulation

mutate: setup ## Ubah kode kecil-kecil, lihat apakah pengujian tahu / mutate the pure rooms: do tests notice? (ONLY=triage)
	@ONLY="$(ONLY)" $(BIN)/python -m tests.mutants

docs: setup ## Buat AsyncAPI dan OpenAPI / generate AsyncAPI and OpenAPI into docs/
	@$(BIN)/python -m siaga_cli.documents

store: setup ## Bangun penyimpan yang lebih cepat / build the faster embedded store (cargo)
	@$(BIN)/python -m siaga_embedded.build_store

setup:
	@$(if $(PYTHON),,$(error Siaga 112 perlu Python 3.11, 3.12 atau 3.13 di PATH / needs Python 3.11, 3.12 or 3.13 on the PATH))
	@$(PYTHON) deploy/embedded/src/siaga_embedded/bootstrap.py

clean: ## Hapus yang dibuat di sini / remove what was made here (data included)
	@$(PYTHON) deploy/embedded/src/siaga_embedded/bootstrap.py --clean

# One verb a job; `make` lists them. Everything is installed in .venv, from locks with hashes.

PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
COMPILE := $(PY) -m piptools compile --quiet --strip-extras --allow-unsafe --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host
TYPED := src scripts benchmarks

.DEFAULT_GOAL := help
.PHONY: help demo test check audit format docs lock bench clean
.DELETE_ON_ERROR:

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

demo: .venv/.serve ## install from the lock and ask about one company of the built-in sample
	.venv/bin/paycanary check 삼부토건

test: .venv/.spark .venv/.training .venv-models/.installed check ## all checks and all tests, the second engine among them (needs Java 17; installs it on Debian)
	scripts/install-test-servers.sh
	$(PY) scripts/audit.py
	$(PY) -m pytest -n 2 --dist loadfile

check: .venv/.dev ## format, lint, types, import direction, docs in step: under a minute
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy $(TYPED)
	$(PY) -m pytest -m quick -n 2 --dist loadfile

audit: .venv/.dev ## look for known holes in what is locked; part of `make test`
	$(PY) scripts/audit.py

format: .venv/.dev ## format the code and mend what ruff can mend
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

docs: .venv/.dev ## write the generated pages of docs/reference/ anew
	$(PY) scripts/write_docs.py

lock: .venv/.dev ## pin the newest allowed versions of everything, with hashes
	CUSTOM_COMPILE_COMMAND='make lock' $(COMPILE) --upgrade -o requirements/base.lock pyproject.toml requirements/base.in
	CUSTOM_COMPILE_COMMAND='make lock' $(COMPILE) --upgrade -c requirements/base.lock -o requirements/serve.lock --extra serve --extra cluster pyproject.toml requirements/base.in
	CUSTOM_COMPILE_COMMAND='make lock' $(COMPILE) --upgrade -c requirements/serve.lock -o requirements/dev.lock --extra serve --extra cluster --extra forecast --extra registry --extra text pyproject.toml requirements/base.in requirements/dev.in
	CUSTOM_COMPILE_COMMAND='make lock' $(COMPILE) --upgrade -c requirements/dev.lock -o requirements/spark.lock requirements/spark.in
	CUSTOM_COMPILE_COMMAND='make lock' $(COMPILE) --upgrade -c requirements/dev.lock -o requirements/training.lock requirements/training.in
	CUSTOM_COMPILE_COMMAND='make lock' $(COMPILE) --upgrade -o requirements/models.lock --extra models pyproject.toml requirements/base.in requirements/models.in

bench: .venv/.dev ## measure paycanary side by side with its peers; BENCH=--write keeps the table
	$(PY) benchmarks/run.py $(BENCH)

clean: ## remove everything that was installed or cached here
	rm -rf .venv .venv-models benchmarks/.envs .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
	find src tests scripts benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# What is installed, as files: a lock newer than its stamp is installed again.

.venv/bin/python:
	python=$$(scripts/find-python.sh) && "$$python" -m venv --clear .venv

.venv/.base: requirements/base.lock pyproject.toml | .venv/bin/python
	$(PIP) install --quiet --require-hashes -r requirements/base.lock
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/.serve: requirements/serve.lock .venv/.base
	$(PIP) install --quiet --require-hashes -r requirements/serve.lock
	@touch $@

.venv/.dev: requirements/dev.lock .venv/.serve
	$(PIP) install --quiet --require-hashes -r requirements/dev.lock
	@touch $@

.venv/.spark: requirements/spark.lock .venv/.dev
	$(PIP) install --quiet --require-hashes --no-build-isolation -r requirements/spark.lock
	@touch $@

.venv/.training: requirements/training.lock requirements/torch.lock .venv/.dev
	$(PIP) install --quiet --require-hashes -r requirements/training.lock
	$(PIP) install --quiet --require-hashes --no-deps --extra-index-url https://download.pytorch.org/whl/cpu -r requirements/torch.lock
	@touch $@

# The model server has an environment of its own: KServe's SDK wants another protobuf than MLflow's client.
.venv-models/.installed: requirements/models.lock
	python=$$(scripts/find-python.sh) && "$$python" -m venv --clear .venv-models
	.venv-models/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements/models.lock
	.venv-models/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation -e .
	@touch $@

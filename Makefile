# One verb a job; `make` lists them. Everything is installed in .venv, from locks with hashes.

PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
# $(call fill,ENVIRONMENT,WHAT): by uv; by pip where uv cannot, as with a mirror that only pip's settings name.
fill = .venv/bin/uv pip install --quiet --python $(1) $(2) || $(PIP) --python $(1) install --quiet $(2)
COMPILE := $(PY) -m piptools compile --quiet --strip-extras --allow-unsafe --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host
TYPED := src scripts benchmarks

ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif

.DEFAULT_GOAL := help
.PHONY: help demo demo-airflow local test check audit format docs lock bench clean
.DELETE_ON_ERROR:

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

demo: .venv/.serve ## install from the lock and ask about one company of the built-in sample
	.venv/bin/paycanary check 삼부토건

demo-airflow: .venv/.dev .venv-airflow/.installed ## run every schedule once with real Airflow, PostgreSQL, Redis and Celery, against stand-ins of the public services
	scripts/install-test-servers.sh
	$(PY) deploy/airflow/demo.py

local: .venv/.dev .venv-models/.installed .venv-airflow/.installed ## start everything on this machine, without Kubernetes: API, worker, models, Airflow, PostgreSQL, Redis
	scripts/install-test-servers.sh
	deploy/local/up

test: ## all checks and all tests, the second engine among them (needs Java 17; installs it on Debian)
	$(MAKE) --no-print-directory -j2 .venv/.training .venv-models/.installed .venv-airflow/.installed
	$(MAKE) --no-print-directory check
	scripts/install-test-servers.sh
	$(PY) scripts/audit.py
	$(PY) -m pytest -m "not quick" -n 2 --dist loadfile --no-loadscope-reorder

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

docs: .venv/.dev ## write docs/reference/, alerts and dashboards anew
	$(PY) scripts/write_docs.py
	$(PY) scripts/write_monitoring.py

lock: .venv/.dev ## pin the newest allowed versions of everything, with hashes
	CUSTOM_COMPILE_COMMAND='make lock' $(COMPILE) --upgrade -o requirements/base.lock pyproject.toml requirements/base.in
	CUSTOM_COMPILE_COMMAND='make lock' $(COMPILE) --upgrade -c requirements/base.lock -o requirements/serve.lock --extra serve --extra cluster --extra telemetry --extra report --extra notion pyproject.toml requirements/base.in
	CUSTOM_COMPILE_COMMAND='make lock' $(COMPILE) --upgrade -c requirements/serve.lock -o requirements/dev.lock --extra serve --extra cluster --extra telemetry --extra report --extra notion --extra forecast --extra registry --extra text pyproject.toml requirements/base.in requirements/dev.in
	CUSTOM_COMPILE_COMMAND='make lock' $(COMPILE) --upgrade -c requirements/dev.lock -o requirements/image.lock --extra serve --extra cluster --extra telemetry --extra text --extra forecast --extra registry pyproject.toml requirements/base.in
	CUSTOM_COMPILE_COMMAND='make lock' $(COMPILE) --upgrade -c requirements/dev.lock -o requirements/pip.lock requirements/pip.in
	CUSTOM_COMPILE_COMMAND='make lock' $(COMPILE) --upgrade -c requirements/dev.lock -o requirements/spark.lock requirements/spark.in
	CUSTOM_COMPILE_COMMAND='make lock' $(COMPILE) --upgrade -c requirements/dev.lock -o requirements/training.lock requirements/training.in
	CUSTOM_COMPILE_COMMAND='make lock' $(COMPILE) --upgrade -o requirements/models.lock --extra models --extra telemetry pyproject.toml requirements/base.in requirements/models.in
	CUSTOM_COMPILE_COMMAND='make lock' $(COMPILE) --upgrade -o requirements/airflow.lock requirements/airflow.in

bench: .venv/.dev ## measure paycanary side by side with its peers; BENCH=--write keeps the table
	$(PY) benchmarks/run.py $(BENCH)

clean: ## remove everything that was installed or cached here
	rm -rf .venv .venv-models .venv-airflow benchmarks/.envs .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
	find src tests scripts benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# What is installed, as files: a lock newer than its stamp is installed again.

.venv/bin/python:
	python=$$(scripts/find-python.sh) && "$$python" -m venv --clear .venv

# First of all uv, which fills every environment from its lock: three minutes less of waiting for `make test` than with pip. Who has told
# pip of a mirror by PIP_INDEX_URL has told uv.
.venv/.pip: requirements/pip.lock | .venv/bin/python
	$(PIP) install --quiet --require-hashes -r requirements/pip.lock
	@touch $@

.venv/.base: requirements/base.lock pyproject.toml .venv/.pip
	$(call fill,$(PY),--require-hashes -r requirements/base.lock)
	$(call fill,$(PY),--no-deps --no-build-isolation -e .)
	@touch $@

.venv/.serve: requirements/serve.lock .venv/.base
	$(call fill,$(PY),--require-hashes -r requirements/serve.lock)
	@touch $@

.venv/.dev: requirements/dev.lock .venv/.serve
	$(call fill,$(PY),--require-hashes -r requirements/dev.lock)
	@touch $@

.venv/.spark: requirements/spark.lock .venv/.dev
	$(call fill,$(PY),--require-hashes --no-build-isolation -r requirements/spark.lock)
	@touch $@

# PyTorch by pip: it looks where its settings say (PIP_FIND_LINKS), so that a wheel that lies on this machine is not fetched.
.venv/.training: requirements/training.lock requirements/torch.lock .venv/.spark
	$(call fill,$(PY),--require-hashes -r requirements/training.lock)
	$(PIP) install --quiet --require-hashes --no-deps --no-compile --extra-index-url https://download.pytorch.org/whl/cpu -r requirements/torch.lock
	@touch $@

# The model server has an environment of its own: KServe's SDK wants another protobuf than MLflow's client.
.venv-models/.installed: requirements/models.lock | .venv/.base
	python=$$(scripts/find-python.sh) && "$$python" -m venv --clear .venv-models
	$(call fill,.venv-models,--require-hashes -r requirements/models.lock)
	$(call fill,.venv-models,--no-deps --no-build-isolation -e .)
	@touch $@

# Airflow's interpreter has no paycanary: its tasks run paycanary's own (PAYCANARY_PYTHON).
.venv-airflow/.installed: requirements/airflow.lock | .venv/.base
	python=$$(scripts/find-python.sh) && "$$python" -m venv --clear .venv-airflow
	$(call fill,.venv-airflow,--require-hashes -r requirements/airflow.lock)
	@touch $@

# Shortcuts for developers; bin/run and bin/test do the work.
.PHONY: run test fast lint types lock pictures ci

run:
	bin/run

test:
	bin/test

fast:  # without the browser and the slow ones
	bin/test -m "not browser and not slow"

lint:
	.venv/bin/ruff check --fix
	.venv/bin/ruff format
	.venv/bin/lint-imports

types:
	.venv/bin/mypy

lock:  # renew the locks from requirements/*.in
	for set in base embedded dev; do \
		uv pip compile --universal --python-version 3.11 --no-emit-index-url --no-header \
			requirements/$$set.in -o requirements/$$set.txt; \
	done

pictures:  # those of README.md, anew: needs bin/test's environment and Chromium
	.venv/bin/python -m tests.browser.pictures

ci:
	bash .ci/run

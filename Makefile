# Across the Aras: `make help` lists the commands.
.DEFAULT_GOAL := help
.PHONY: help book test lab bench data-check lock clean setup

python := .venv/bin/python
lessons := $(python) -m lessons

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

book: setup ## build the book and serve it (SERVE=0: only build; PORT=8123: on that port)
	@$(lessons) book
ifneq ($(SERVE),0)
	@$(lessons) serve $(if $(PORT),--port $(PORT))
endif

test: setup ## run every check, in a real browser too (ARGS='-k atlas': only some tests)
	@$(lessons) browser
	@$(lessons) check-notebooks
	@$(lessons) data-check
	@$(lessons) book
	@$(python) -m pytest -n 2 --dist loadgroup $(ARGS)

lab: setup ## open the lessons in JupyterLab (ARGS=--no-browser: JupyterLab's own options)
	@$(python) -m jupyter lab --LabApp.default_url=/lab/tree/notebooks --LabApp.news_url=None \
		--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate $(ARGS)

bench: setup ## measure the book
	@$(lessons) bench

data-check: setup ## check every file of data/ against its description
	@$(lessons) data-check

lock: setup ## pin the packages anew (UPGRADE=1: at their newest versions)
	@$(lessons) lock $(if $(UPGRADE),--upgrade)

clean: ## remove the built book and the caches (ALL=1: .venv too)
	@rm -rf _build .pytest_cache $(if $(ALL),.venv src/*.egg-info)
	@find src tests data notebooks -name __pycache__ -prune -exec rm -rf {} +

setup:
	@command -v python3 > /dev/null || { \
		echo "No python3 on this machine: install Python 3.11, 3.12 or 3.13 and run the same command again." >&2; exit 1; }
	@python3 -I src/lessons/bootstrap.py

# Short names for the checks; .ci/run and noxfile.py hold them.
.PHONY: check test lint types docs floors clean

check:
	bash .ci/run

test lint types docs floors:
	nox -s $@

clean:
	rm -rf .nox .mypy_cache .ruff_cache .pytest_cache .import_linter_cache docs/_build docs/gallery

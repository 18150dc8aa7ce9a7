"""Coverage-guided fuzzing of the loaders with atheris: ``python tests/fuzz/fuzz.py spec -runs=1000000``.

The first argument names the target (a key of ``TARGETS``); the rest goes to libFuzzer. New inputs that reach new code
are kept in a folder of their own if one is named before the options, never in the repository's seed corpus. It ends
with an error, and the input that caused it, at the first promise that is broken.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import atheris

HERE = Path(__file__).resolve().parent
LIMITS = ["-timeout=60", "-rss_limit_mb=3000", "-max_len=8192"]


def main() -> None:
    sys.path.insert(0, str(HERE))
    with atheris.instrument_imports(include=["tomllib", "wignerness.io", "wignerness.models"]):
        from targets import CORPUS, MEMORY, TARGETS

        from wignerness import _memory

    _memory.available_memory = lambda: MEMORY
    name, rest = sys.argv[1], sys.argv[2:]
    folders = [argument for argument in rest if not argument.startswith("-")]
    options = [argument for argument in rest if argument.startswith("-")]
    dictionary = HERE / f"{name}.dict"
    known = [f"-dict={dictionary}"] if dictionary.exists() else []
    atheris.Setup([sys.argv[0], *LIMITS, *known, *options, *folders, str(CORPUS / name)], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()

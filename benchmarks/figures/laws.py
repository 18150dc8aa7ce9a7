"""Figure 4: physical laws in generated examples. The laws are the property tests of tests/laws, run by hypothesis."""

from __future__ import annotations

import contextlib
import importlib.util
import math
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import seed as with_seed
from hypothesis.errors import InvalidArgument

LAWS = Path(__file__).parents[2] / "tests" / "laws"
FILES = tuple(sorted(path.stem for path in LAWS.glob("test_*.py")))


def figure(count: int, seed: int, jobs: int) -> dict:
    """Spread ``count`` examples over all laws; every law is tried on its share."""
    names = [(file, name) for file in FILES for name in _laws(file)]
    share = math.ceil(count / len(names))
    arguments = [(file, name, share, seed) for file, name in names]
    if jobs > 1:
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            results = list(pool.map(_try, arguments))
    else:
        results = [_try(each) for each in arguments]
    violated = {f"{file}.{law}": text for (file, law), (_, text) in zip(names, results, strict=True) if text}
    return {
        "laws": [name.removeprefix("test_").replace("_", " ") for _, name in names],
        "examples": sum(done for done, _ in results),
        "violations": len(violated),
        "violated": violated,
    }


def _module(file: str):
    spec = importlib.util.spec_from_file_location(f"laws_{file}", LAWS / f"{file}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _laws(file: str) -> list[str]:
    module = _module(file)
    found = {name: law for name, law in vars(module).items() if name.startswith("test_") and hasattr(law, "hypothesis")}
    return [name for name, law in found.items() if not getattr(law, "pytestmark", [])]  # those are pytest's to run


def _try(arguments: tuple[str, str, int, int]) -> tuple[int, str]:
    """Run one law; the number of examples that were looked at to the end, and the message of a violation."""
    file, name, share, seed = arguments
    law = getattr(_module(file), name)
    inner, done = law.hypothesis.inner_test, 0

    def counted(*args, **kwargs):
        nonlocal done
        inner(*args, **kwargs)
        done += 1

    law.hypothesis.inner_test = counted
    quiet = settings(
        max_examples=share, deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=False
    )
    with contextlib.suppress(InvalidArgument):  # one with settings of its own keeps them
        law = quiet(law)
    try:
        with_seed(seed)(law)()
    except AssertionError as error:
        return done, str(error)[:300] or "violated"
    return done, ""

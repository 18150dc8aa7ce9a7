"""Figure 4: physical laws in generated examples. The laws are the property tests of tests/laws, run by hypothesis."""

from __future__ import annotations

import contextlib
import importlib.util
import math
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import seed as with_seed
from hypothesis.errors import InvalidArgument

LAWS = Path(__file__).parents[2] / "tests" / "laws"
PART = 1000  # examples
FILES = tuple(sorted(path.stem for path in LAWS.glob("test_*.py")))


def parts(count: int, seed: int) -> list[tuple]:
    """Arguments of the parts: ``count`` examples are spread over all laws, a thousand at most in one part."""
    names = [(file, name) for file in FILES for name in _laws(file)]
    share = math.ceil(count / len(names))
    return [
        (file, name, min(PART, share - done), seed + done) for file, name in names for done in range(0, share, PART)
    ]


def part(file: str, name: str, share: int, seed: int) -> dict:
    """Try one law."""
    done, text = _try(file, name, share, seed)
    return {"file": file, "law": name, "examples": done, "violation": text}


def whole(found: list[dict]) -> dict:
    """The figure from its parts."""
    laws = dict.fromkeys((one["file"], one["law"]) for one in found)
    violated = {f"{one['file']}.{one['law']}": one["violation"] for one in found if one["violation"]}
    return {
        "laws": [law.removeprefix("test_").replace("_", " ") for _, law in laws],
        "examples": sum(one["examples"] for one in found),
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


def _try(file: str, name: str, share: int, seed: int) -> tuple[int, str]:
    """Run one law; the number of examples that were looked at to the end, and the message of a violation."""
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
    except Exception as error:  # noqa: BLE001 - an example that fails in any way is a violation, and the run goes on
        return done, f"{type(error).__name__}: {error}"[:300]
    return done, ""

"""What every test runs under: one BLAS thread, printed seeds, a bounded number of examples."""

from __future__ import annotations

import os
import signal
import zlib

# Subprocesses that tests start read these; the running process is limited below.
for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

import numpy as np
import pytest
import scipy.linalg  # noqa: F401  (loads SciPy's own BLAS, so that the limit below reaches it)
from hypothesis import HealthCheck, settings
from threadpoolctl import threadpool_limits

# A run in the background of a script ignores Ctrl-C, and so would the processes that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Plugins may have loaded NumPy before this file, too late for the variables above.
threadpool_limits(1, user_api="blas")

_common = {"deadline": None, "print_blob": True, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("ci", max_examples=60, derandomize=True, database=None, **_common)
settings.register_profile("explore", max_examples=60, **_common)
settings.register_profile("deep", max_examples=5000, **_common)
# A run repeats itself, in any order; exploring is asked for: HYPOTHESIS_PROFILE=explore or deep.
_profile = os.environ.get("HYPOTHESIS_PROFILE", "ci")
settings.load_profile(_profile)


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """A seed that differs from test to test and, where exploring, from run to run (``--randomly-seed`` repeats one)."""
    run = 0 if _profile == "ci" else request.config.getoption("randomly_seed", default=0)
    value = zlib.crc32(f"{run}:{request.node.nodeid}".encode())
    print(f"seed {value}; profile {_profile}, --randomly-seed={run}")
    return value


@pytest.fixture
def rng(seed: int) -> np.random.Generator:
    """A random generator; its seed is printed when the test fails."""
    return np.random.default_rng(seed)

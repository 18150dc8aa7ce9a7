"""How long a million trajectories of two modes over a hundred times take, on the cores there are.

Run with one BLAS thread (``OPENBLAS_NUM_THREADS=1``): the blocks of trajectories share the cores already.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

import wignerness as wn
from wignerness.dynamics import trajectories


def run(count: int, cores: int) -> None:
    pair = wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 2))
    start, times = wn.GaussianState.thermal([1.5, 1.5]), np.linspace(0.1, 10.0, 100)
    trajectories._cores = lambda: cores
    before = time.perf_counter()
    sample = wn.sample_trajectories(pair, start, times, count, rng=1)
    seconds = time.perf_counter() - before
    average = sample.integral_fluctuation()
    print(f"{count} trajectories, {len(times)} times, {cores} core{'s' * (cores > 1)}: {seconds:.1f} s")
    print(f"  <exp(-Sigma)> = {average.mean:.4f} +- {average.standard_error:.4f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--cores", type=int, nargs="*", default=[1, 2])
    arguments = parser.parse_args()
    for cores in arguments.cores:
        run(arguments.count, cores)


if __name__ == "__main__":
    main()

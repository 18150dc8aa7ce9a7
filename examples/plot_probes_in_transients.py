r"""
Probes in transients: frozen or following
=========================================

A self-consistent reservoir is defined by the steady state: there it exchanges nothing. In a transient it can be read in two
ways. A *frozen* probe keeps the occupation that it will have in the end, and takes part in the exchange until then. A
*following* probe takes on the occupation that its node has at that instant, and exchanges nothing at any time.

**What to see.** A chain of nine nodes with a probe on each starts empty. Left: with frozen probes (solid) it fills everywhere at
once, in the time in which a single node fills from its probe. With following probes (dashed) everything has to come from the
ends, by diffusion. Right: the middle node against time. Both ways lead to the same steady state.
"""

import matplotlib.pyplot as plt
import numpy as np

import wignerness as wn
from wignerness import plotting

chain = wn.models.chain(9, hopping=1.0, rate=1.0, occupations=(1, 2), probe_rate=1.0)
times = np.geomspace(0.05, 200, 200)
start = wn.GaussianState.vacuum(9)
runs = {"frozen": wn.evolve(chain, start, times), "following": wn.evolve(chain, start, times, follow=True)}
snapshots = (1.0, 4.0, 16.0)

with plotting.screen():
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.8))
    for (label, run), dashes in zip(runs.items(), ("-", "--"), strict=True):
        right.semilogx(times, run.occupations[:, 4], "k" + dashes, marker="none", label=label)
        for color, time in enumerate(snapshots):
            profile = wn.evolve(chain, start, time, follow=label == "following").occupations[0]
            name = rf"$\gamma t = {time:g}$" if label == "frozen" else None
            left.plot(np.arange(1, 10), profile, dashes, color=f"C{color}", marker="o", markersize=4, label=name)
    left.set(xlabel="node", ylabel=r"$\langle a_k^\dagger a_k\rangle$", xticks=range(1, 10), ylim=(0, None))
    right.set(xlabel=r"$\gamma t$", ylabel=r"$\langle a_5^\dagger a_5\rangle$", xlim=(times[0], times[-1]))
    left.legend(ncols=3, loc="upper center", columnspacing=1.0, handlelength=1.4)
    left.set_ylim(0, 2.3)
    right.legend(title="probes")
    plt.show()

# %%
# What each kind takes up on the way, summed over all probes: less than nothing for the frozen ones, which filled the chain.

for label, run in runs.items():
    current = run.bath_currents[:, list(chain.probes)].sum(axis=1)
    print(f"{label:<10} largest current into the probes {abs(current).max():.3f}")

r"""
Probes in transients: frozen or following
=========================================

Self-consistent reservoirs are defined by the steady state: there they exchange nothing. In a transient two readings are possible.
*Frozen* probes keep the occupation that they will have in the end, and feed the chain until it gets there. *Following* probes
take on the instantaneous occupation of their node and exchange nothing at any time.

**What to see.** Left: the middle node of a chain that starts empty; frozen probes fill it directly, with following ones
everything has to come from the ends. Right: what the probes take up in sum. Both end in the same state.
"""

import matplotlib.pyplot as plt
import numpy as np

import wignerness as wn
from wignerness import plotting

chain = wn.models.chain(9, hopping=1.0, rate=1.0, occupations=(1, 2), probe_rate=0.5)
times = np.linspace(0, 60, 121)
start = wn.GaussianState.vacuum(9)
runs = {"frozen": wn.evolve(chain, start, times), "following": wn.evolve(chain, start, times, follow=True)}

with plotting.screen():
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for label, run in runs.items():
        left.plot(times, run.occupations[:, 4], marker="none", label=label)
        right.plot(times, run.bath_currents[:, list(chain.probes)].sum(axis=1), marker="none", label=label)
    left.set(xlabel=r"$t$", ylabel=r"$\langle a_5^\dagger a_5\rangle$")
    right.set(xlabel=r"$t$", ylabel="excitations into the probes per time")
    left.legend(title="probes")
    plt.show()

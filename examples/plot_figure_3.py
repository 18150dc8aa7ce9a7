r"""
The cost of diffusion, up to a million nodes
============================================

A uniform chain between two baths, with a self-consistent probe on every node: the closed form splits the entropy production
into the part of the real baths and the part of the probes, in a time proportional to the length.

**What to see.** The probes make the transport diffusive, and pay for it: from the sixteenth node on they produce more
entropy than the real baths. Their part falls as :math:`1/L`, that of the real baths as :math:`1/L^2`. The lower
panel shows how late: the local exponents reach their limits like :math:`28/L`, so a straight line fitted to the first
thousand lengths would miss both.
"""

import matplotlib.pyplot as plt
import numpy as np

import wignerness as wn
from wignerness import plotting
from wignerness.analysis import local_exponents

lengths = np.unique(np.geomspace(2, 10**6, 48).round().astype(int))
chains = wn.exact.chain_scaling(lengths, hopping=3e-7, rate=1e-6, occupations=(1, 2), probe_rate=1e-7)
productions = {
    r"real baths, $\Pi_\mathrm{r}$": chains.entropy_production_real,
    r"probes, $\Pi_\mathrm{sc}$": chains.entropy_production_probes,
}
exponents = {label: local_exponents(lengths, values) for label, values in productions.items()}

with plotting.screen():
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(6.5, 6.5), sharex=True, height_ratios=[1.6, 1])
    plotting.plot_scaling(top, lengths, productions)
    plotting.plot_exponents(bottom, lengths, exponents, limits=[-1, -2])
    top.set(xlabel="", ylabel="entropy production (nats/time)")
    top.legend()
    plt.show()

# %%
# The same at a few lengths, with the general solver beside it where that is cheap.

for length in (15, 16, 100, 1000, 10**6):
    chain = wn.exact.chain(length, hopping=3e-7, rate=1e-6, occupations=(1, 2), probe_rate=1e-7)
    line = f"L = {length:>7}   {chain.entropy_production_real:.9e}   {chain.entropy_production_probes:.9e}"
    if length <= 100:
        ness = wn.steady_state(wn.models.chain(length, hopping=3e-7, rate=1e-6, occupations=(1, 2), probe_rate=1e-7))
        real, probes = wn.thermodynamics.production_split(ness.network, ness.state)
        line += f"   solver: {real:.9e}   {probes:.9e}"
    print(line)

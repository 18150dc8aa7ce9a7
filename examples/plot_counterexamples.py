r"""
Currents against their affinity, probes that raise the production
=================================================================

Three statements that hold for the uniform chain, and a network for each that they do not hold for.

**What to see.** Left: node 2 sits in the hottest bath (occupations of the baths: 2, 5, 0), yet excitations flow into it
from node 1, because node 3 drains it faster than its weak bath can fill it. Middle: a magnetic flux through a ring
drives a current between two nodes whose baths are equal, so that their affinity is zero. Right: in the uniform chain
probes lower the entropy production; in a chain whose middle node is detuned they raise it, because they help the excitations
across.
"""

import matplotlib.pyplot as plt
import numpy as np

import wignerness as wn
from wignerness import plotting

row = wn.steady_state(
    wn.Network(
        np.diag([0.5j, 0.5j], 1) + np.diag([-0.5j, -0.5j], -1),
        [wn.ThermalBath(0, rate=1.0, occupation=2), wn.ThermalBath(1, 0.01, 5), wn.ThermalBath(2, 1.0, 0)],
    )
)
ring = wn.steady_state(
    wn.models.ring(3, hopping=0.5, flux=np.pi / 2, baths=[wn.ThermalBath(k, 1.0, n) for k, n in enumerate((1, 1, 3))])
)


def production(probe_rate, detuning):
    """Total production of three nodes between a cold and a hot bath."""
    chain = wn.models.chain(
        3, hopping=0.3, rate=0.5, occupations=(0, 2), frequency=[0, detuning, 0], probe_rate=probe_rate
    )
    return wn.steady_state(chain).entropy_production.sum()


probe_rates = np.geomspace(0.01, 100, 41)

with plotting.screen():
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(11, 3.4), width_ratios=[1.6, 1, 1.2])
    plotting.plot_currents(left, [(0, 0), (1, 0), (2, 0)], row.occupations, row.currents)
    plotting.plot_currents(middle, [(0, 0), (1, 0), (0.5, 0.87)], ring.occupations, ring.currents)
    left.set_title("baths 2, 5, 0")
    middle.set_title("baths 1, 1 and 3 (top)")
    for detuning, label in ((0, "uniform"), (3, "middle detuned by 3")):
        right.semilogx(probe_rates, [production(rate, detuning) for rate in probe_rates], marker="none", label=label)
    right.set(xlabel="rate of the probes (1/time)", ylabel="entropy production (nats/time)", ylim=(0, None))
    right.legend()
    plt.show()

# %%
# The numbers behind the two drawings: current into the first node from the second, and the affinity between their baths.

for name, ness in (("row ", row), ("ring", ring)):
    affinity = wn.thermodynamics.affinities(ness.network)[0, 1]
    print(f"{name}  current {ness.currents[0, 1]:+.4f}   affinity {affinity:+.4f}")

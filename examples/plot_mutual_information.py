r"""
What the two halves of a chain know of each other
=================================================

The chain of the paper between baths of occupation 1 and 2, cut in two: the mutual information of the parts, without probes
(ballistic) and with probes on every node (diffusive).

**What to see.** Left: along a chain of 60 nodes every cut of the ballistic chain shares the same information, but for the very
ends; in the diffusive chain the information is smaller and falls toward the hot end, where the same correlations weigh less.
Right: with growing length the ballistic value stays where it is, 0.0163 nats, while the diffusive one falls as the square
of the current, :math:`1/L^2`.
"""

import matplotlib.pyplot as plt
import numpy as np

import wignerness as wn


def cuts(length, probe_rate):
    """Mutual information of the first k nodes and the others, for every k, from the closed form of the chain."""
    chain = wn.exact.chain(length, hopping=0.5, rate=1.0, occupations=(1, 2), probe_rate=probe_rate)
    neighbors = chain.coherence * (np.eye(length, k=1) + np.eye(length, k=-1))
    state = wn.GaussianState(np.zeros(length), np.diag(chain.occupations) + neighbors)
    return wn.thermodynamics.mutual_information_profile(state)


CASES = {"ballistic": (0.0, "#0072B2", "o"), r"diffusive, $\Gamma = 0.1$": (0.1, "#D55E00", "s")}
LENGTH = 60
LENGTHS = np.unique(np.geomspace(2, 300, 14).astype(int) // 2 * 2)

plt.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
figure, (left, right) = plt.subplots(1, 2, figsize=(7, 2.8), layout="constrained")
for label, (probe_rate, color, marker) in CASES.items():
    left.plot(np.arange(1, LENGTH), cuts(LENGTH, probe_rate), color=color, label=label)
    halves = [cuts(length, probe_rate)[length // 2 - 1] for length in LENGTHS]
    right.loglog(LENGTHS, halves, color=color, marker=marker, ms=4, lw=1, label=label)
guide = LENGTHS[LENGTHS > 50]
right.loglog(guide, 9.0 / guide**2.0, "k:", lw=1)
right.text(guide[1], 9.0 / guide[1] ** 2.0, r" $\propto 1/L^2$", fontsize=8)
left.set(yscale="log", xlabel="nodes left of the cut", ylabel="mutual information (nats)")
right.set(xlabel="length L of the chain", ylabel="halves of the chain (nats)")
left.legend(frameon=False)
plt.show()

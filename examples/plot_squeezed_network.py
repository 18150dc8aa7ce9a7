r"""
How far squeezing reaches
=========================

A chain of nine modes between a squeezed bath on its first node and a cold bath on its last. Both baths are at zero
temperature: what drives the chain is squeezing alone.

**What to see.** Left: the production grows as :math:`\sinh^2 r`. The two baths share it equally, although only one of
them is squeezed, and the dashed line is the flux into the cold one. Right: the narrowest quadrature of each node, relative to
the vacuum. Without probes the squeezing crosses the chain undiminished: every inner node lies halfway between the two baths.
Probes know no phase. They keep the excitations and lose the squeezing, which ends within a node or two.
"""

import matplotlib.pyplot as plt
import numpy as np

import wignerness as wn

LENGTH, RATE, HOPPING = 9, 1.0, 0.5
CHAIN = wn.models.chain(LENGTH, hopping=HOPPING, rate=RATE, occupations=(0, 0))


def squeezed_chain(r, probe_rate=0.0):
    """The chain with its first bath squeezed, and a probe on every node."""
    baths = [wn.SqueezedBath.from_squeezing(0, RATE, 0.0, r, name="squeezed"), CHAIN.baths[1]]
    if probe_rate:
        baths += [wn.Probe(k, probe_rate) for k in range(LENGTH)]
    return wn.steady_state(CHAIN.replace(baths=baths))


def narrowest(ness):
    """Smallest variance of any quadrature of each node, over that of the vacuum."""
    nodes = [ness.state.reduced([k]).covariance("xxpp") for k in range(LENGTH)]
    return 2 * np.array([np.linalg.eigvalsh(node)[0] for node in nodes])


plt.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
figure, (left, right) = plt.subplots(1, 2, figsize=(7, 2.8), layout="constrained")

strengths = np.linspace(0, 1.5, 40)
budget = [squeezed_chain(r) for r in strengths]
production = np.array([ness.entropy_production for ness in budget])
left.stackplot(
    strengths, production.T, colors=["#CC79A7", "#0072B2"], labels=["squeezed bath", "cold bath"], alpha=0.85
)
left.plot(strengths, [ness.entropy_flux[1] for ness in budget], "k--", lw=1, label="flux into the cold bath")
left.set(
    xlim=(0, 1.5), ylim=(0, None), xlabel="squeezing r of the bath", ylabel=r"entropy production $\Pi/\gamma$ (nats)"
)
left.legend(frameon=False)

nodes = np.arange(1, LENGTH + 1)
for rate, color, marker in ((0.0, "#000000", "o"), (0.05, "#E69F00", "s"), (0.3, "#D55E00", "^")):
    label = "no probes" if rate == 0 else rf"probes, $\Gamma = {rate}$"
    right.plot(nodes, narrowest(squeezed_chain(1.0, rate)), color=color, marker=marker, ms=4, lw=1, label=label)
right.axhline(1, color="0.6", lw=0.8, ls=":")
right.text(9.2, 0.97, "vacuum", color="0.4", ha="right", va="top", fontsize=8)
right.set(xlabel="node", ylabel="narrowest variance / vacuum", xticks=nodes, ylim=(0, 3.3))
right.legend(frameon=False, loc="upper right")
plt.show()

r"""
Relaxation and its entropy budget
=================================

A chain of four modes rests in equilibrium with two baths of occupation 1. At :math:`t = 0` the bath at its right end is
replaced by one of occupation 3.

**What to see.** Left: the heat arrives node by node. Right: the production of both baths, stacked. At
first the new bath gives entropy to the chain (:math:`\Phi < 0`), and what is produced stays in it as well: the hatched distance
from the flux to the top of the stack is :math:`dS/dt`. In the end nothing stays; the flux has met the top of the stack, and
entropy is produced for as long as the baths differ.
"""

import matplotlib.pyplot as plt
import numpy as np

import wignerness as wn
from wignerness import plotting

before = wn.models.chain(4, hopping=0.5, rate=1.0, occupations=(1, 1))
after = wn.models.chain(4, hopping=0.5, rate=1.0, occupations=(1, 3))
run = wn.evolve(after, wn.steady_state(before).state, np.geomspace(0.01, 100, 400))

with plotting.screen():
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.8))
    plotting.plot_relaxation(left, run)
    plotting.plot_entropy_budget(right, run)
    for axes in (left, right):
        axes.set(xscale="log", xlim=(run.times[0], run.times[-1]), xlabel=r"$\gamma t$")
    right.set_ylabel(r"nats per $1/\gamma$")
    plt.show()

# %%
# Integrals over an interval come in closed form, however long it is. Of what the baths took up over a million relaxation
# times, the transient is the part that the steady state does not explain.

ness = wn.steady_state(after)
production = run.integrated_production(0.0, 1e6)
print(f"slowest mode decays at the rate  {wn.relaxation(after).gap:.6f}")
print(f"produced until t = 1e6           {production:.6f}")
print(f"  of which by the transient      {production - 1e6 * ness.entropy_production.sum():.6f}")

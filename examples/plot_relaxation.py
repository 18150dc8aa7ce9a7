r"""
Relaxation and its entropy budget
=================================

A chain of four modes starts in the vacuum and is put between a hot and a cold bath.

**What to see.** Left: the ends fill first, the inside follows as fast as the hopping allows. Right: at first the entropy that
is produced stays in the chain (:math:`dS/dt`, solid); later all of it leaves with the flux (dashed), which in the steady state
meets the top of the stack. At early times the flux is negative: the baths give entropy to an empty chain.
"""

import matplotlib.pyplot as plt
import numpy as np

import wignerness as wn
from wignerness import plotting

chain = wn.models.chain(4, hopping=0.5, rate=1.0, occupations=(1, 3))
run = wn.evolve(chain, wn.GaussianState.vacuum(4), np.linspace(0.02, 12, 200))

with plotting.screen():
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    plotting.plot_relaxation(left, run)
    plotting.plot_entropy_budget(right, run)
    right.set_ylim(-1.5, 3)
    plt.show()

# %%
# The integrals over the whole run are closed forms, not sums over the samples:

print("production:", run.integrated_production(0.02, 12.0))
print("flux into each bath:", run.integrated_flux(0.02, 12.0))
print("slowest mode decays at the rate", wn.relaxation(chain).gap)

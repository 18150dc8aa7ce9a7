r"""
The integral fluctuation theorem
================================

Trajectories of two coupled modes in phase space, drawn exactly, with the entropy production :math:`\Sigma` of each.

**What to see.** Left: :math:`\Sigma` is negative for many single trajectories, yet its mean is the integral of the production,
and the distribution weighted with :math:`e^{-\Sigma}` has area one: :math:`\langle e^{-\Sigma} \rangle = 1`. Right: the ensemble at
the last time, over the one-, two- and three-sigma contours of the Wigner function, which the moments alone give.
"""

import matplotlib.pyplot as plt
import numpy as np

import wignerness as wn
from wignerness import plotting

pair = wn.Network([[1.0, 0.4], [0.4, 1.3]], [wn.ThermalBath(0, 0.5, 0.5), wn.ThermalBath(1, 0.3, 2.0)])
start = wn.GaussianState([1.0, 0.0], np.diag([0.8, 0.4]), np.diag([0.6, 0.0]))
times = np.linspace(0.1, 2.0, 20)
sample = wn.sample_trajectories(pair, start, times, 40_000, rng=7)
run = wn.evolve(pair, start, times)

with plotting.screen():
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
    plotting.plot_production_histogram(left, sample)
    plotting.plot_phase_space(right, sample.alpha[:, -1], run.states[-1])
    plt.show()

# %%
# The mean and the theorem, with their standard errors:

print("<Sigma>      ", sample.entropy_production.mean(), "+-", sample.entropy_production.std() / np.sqrt(sample.n))
print("integral of Pi", run.integrated_production(0.0, 2.0))
print(sample.integral_fluctuation())

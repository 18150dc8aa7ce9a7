r"""
The integral fluctuation theorem
================================

Trajectories of two coupled modes between a cold and a hot bath, drawn from their exact distribution in phase space, with the
entropy production :math:`\Sigma` of each.

**What to see.** Left: two trajectories out of five have a negative :math:`\Sigma`. Its mean is the integral of the production, and
weighted with :math:`e^{-\Sigma}` the distribution has area one again: :math:`\langle e^{-\Sigma} \rangle = 1`. The two curves
cross at :math:`\Sigma = 0`, as they must. Right: the first mode, prepared in a displaced and squeezed state; the trajectories at
the last time with their marginals, and the Wigner function that the moments alone give.
"""

import matplotlib.pyplot as plt
import numpy as np

import wignerness as wn
from wignerness import plotting

pair = wn.Network([[1.0, 0.5], [0.5, 1.0]], [wn.ThermalBath(0, 1.0, 1.0), wn.ThermalBath(1, 1.0, 3.0)])
steady = wn.steady_state(pair)
times = np.linspace(0.1, 1.0, 10)
sample = wn.sample_trajectories(pair, steady.state, times, 200_000, rng=7)

squeezed = wn.GaussianState([2.0, 0.0], np.diag([2.0, 2.0]), np.diag([-2.2, 0.0]))
moved = wn.sample_trajectories(pair, squeezed, [0.3], 40_000, rng=8)
state = wn.evolve(pair, squeezed, [0.3]).states[0]

with plotting.screen():
    figure = plt.figure(figsize=(9.6, 4.3))
    left, right = figure.subfigures(1, 2, width_ratios=[1.1, 1])
    plotting.plot_production_histogram(left.subplots(), sample)
    panels = right.subplot_mosaic(
        [["real", "."], ["plane", "imaginary"]], width_ratios=[4, 1], height_ratios=[1, 4], gridspec_kw={"hspace": 0, "wspace": 0}
    )  # fmt: skip
    panels["real"].sharex(panels["plane"])
    panels["imaginary"].sharey(panels["plane"])
    plotting.plot_phase_space(panels["plane"], moved.alpha[:, -1], state)
    plotting.plot_marginal(panels["real"], moved.alpha[:, -1], state)
    plotting.plot_marginal(panels["imaginary"], moved.alpha[:, -1], state, angle=np.pi / 2, upright=True)
    for name in ("real", "imaginary"):
        panels[name].set_axis_off()
    plt.show()

# %%
# The mean and the theorem, with their standard errors, beside the exact values:

sigma, average = sample.entropy_production, sample.integral_fluctuation()
print(f"<Sigma>       = {sigma.mean():.4f} +- {sigma.std() / np.sqrt(sample.n):.4f}")
print(f"integral of Pi  {steady.entropy_production.sum() * 1.0:.4f}")
print(f"<exp(-Sigma)> = {average.mean:.4f} +- {average.standard_error:.4f}")
print(f"negative Sigma: {(sigma < 0).mean():.0%}")

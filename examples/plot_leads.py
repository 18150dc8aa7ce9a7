r"""
Beyond exponential decay, with leads
====================================

A node of frequency 1 is coupled at :math:`t = 0` to a warm bath of modes up to the frequency 4, with a damping rate of 0.8: it is filled
within a period, and the bath remembers.

**What to see.** The local master equation fills the node exponentially, to the occupation of the bath at its frequency. Exactly, by the unitary
evolution of the node with two hundred modes of the bath (circles), the occupation starts with the square of time and ends
higher, where the integral of the quantum Langevin equation has it (dashed). *Leads*, damped modes that stand for the bath, make an
ordinary network of it, which ``evolve`` takes like any other: six of them have the short times already.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.linalg import expm

import wignerness as wn
from wignerness import plotting
from wignerness.theories import Exact, MesoscopicLeads

spectrum = wn.spectra.Custom(lambda omega: omega * (1 - (omega / 4) ** 2) ** 3, support=(0.0, 4.0))
bath = wn.ThermalBath.at_temperature(0, 0.8, temperature=1.0, frequency=1.0, spectrum=spectrum)
node = wn.Network([[1.0]], [bath])
times = np.linspace(0.1, 16, 160)

runs = {}
for count in (6, 12, 40):
    enlarged = MesoscopicLeads(count).network_of(node)
    levels = np.repeat([b.occupation for b in enlarged.baths], 2)  # chains of two modes
    runs[count] = wn.evolve(enlarged, wn.GaussianState.thermal(np.append(0.0, levels)), times).occupations[:, 0]
local = wn.evolve(node, wn.GaussianState.vacuum(1), times).occupations[:, 0]
steady = wn.steady_state(node, theory=Exact()).occupations[0]

# The node and 200 modes of its bath: a matrix exponential. The shift by the bath is in the frequency of the node.
points, weights = np.polynomial.legendre.leggauss(200)
frequencies = 2.0 * (1 + points)
h = np.diag(np.append(1.0 - float(bath.lamb_shift(1.0)), frequencies))
h[0, 1:] = h[1:, 0] = np.sqrt(bath.damping(frequencies) * weights / np.pi)
filling = np.append(0.0, bath.occupation_at(frequencies))
step, unitary, exact = expm(-1j * h * (times[1] - times[0]) * 4), expm(-1j * h * times[0]), []
for _ in times[::4]:
    exact.append(np.sum(np.abs(unitary[0]) ** 2 * filling))
    unitary = step @ unitary

with plotting.screen():
    figure, axes = plt.subplots(figsize=(6.5, 4.2), layout="constrained")
    axes.plot(times, local, color="0.4", marker="none", label="local master equation")
    for index, (count, occupation) in enumerate(runs.items()):
        axes.plot(times, occupation, color=f"C{index}", marker="none", label=f"{count} leads")
    axes.plot(times[::4], exact, "o", color="black", markerfacecolor="none", markersize=4, label="unitary, 200 modes")
    axes.axhline(steady, color="black", linestyle="--", linewidth=1, label="exact steady state")
    axes.set(xlabel=r"$\omega t$", ylabel=r"$\langle a^\dagger a \rangle$", ylim=(0, None))
    axes.legend()
    plt.show()

# %%
# How far the leads are off, at the times of the circles and in the end.

for count, occupation in runs.items():
    print(
        f"{count:3d} leads: at most {np.abs(occupation[::4] - exact).max():.1e}, in the end {occupation[-1] / steady - 1:+.1%}"
    )
print(f"local: {np.abs(local[::4] - exact).max():.1e}, in the end {local[-1] / steady - 1:+.1%}")

r"""
Currents through a localized chain, down to 1e-350
==================================================

A chain with the quasi-periodic frequencies :math:`W \cos(2 \pi b k)` of Aubry, Andre and Harper (hopping 1, golden ratio b) between two
baths. Its normal modes are extended for :math:`W < 2`, and beyond they are all localized, with the same length
:math:`\xi = 1/\ln(W/2)`.

**What to see.** The current stays for :math:`W < 2`, falls as a power at the self-dual point, and exponentially beyond. Lines have the slope
:math:`-1/\xi`: what counts is not the typical transmission, which falls twice as fast, but the few modes in the middle of the
chain, which reach both ends by :math:`|\psi|^2 = e^{-L/\xi}` and are as narrow. A dense solution of the moment equation, a difference of numbers of
order one, ends in the gray: no double subtracts to less than :math:`10^{-16}`. The positive integral goes on, and its
logarithm also below the smallest double, where the current itself is zero.
"""

import matplotlib.pyplot as plt
import numpy as np

import wignerness as wn
from wignerness import plotting

GOLDEN = (np.sqrt(5) - 1) / 2


def chain(length, potential):
    """The quasi-periodic chain between baths of occupations 1 and 2."""
    frequencies = potential * np.cos(2 * np.pi * GOLDEN * np.arange(1, length + 1))
    return wn.models.chain(length, hopping=1.0, rate=1.0, occupations=(1, 2), disorder=frequencies)


lengths = np.array([5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610])  # Fibonacci numbers
potentials = (1.5, 2.0, 2.5, 4.0, 8.0)
decades = {
    potential: np.array([wn.scattering.landauer_currents(chain(n, potential)).log_number[0, 1] for n in lengths])
    / np.log(10)
    for potential in potentials
}

with plotting.screen():
    figure, axes = plt.subplots(figsize=(6.5, 4.6), layout="constrained")
    axes.axhspan(-16, -308, color="0.93", zorder=0)
    axes.axhspan(-308, -390, color="0.84", zorder=0)
    axes.text(150, -300, "below rounding of\nnumbers of order one", color="0.4")
    axes.text(150, -345, "below the smallest double", color="0.4")
    for index, (potential, found) in enumerate(decades.items()):
        axes.plot(lengths, found, color=f"C{index}", marker="o", linestyle="none", label=f"$W = {potential:g}$")
        if potential > 2:
            slope = -np.log(potential / 2) / np.log(10)
            axes.plot(
                lengths, found[-1] + slope * (lengths - lengths[-1]), color=f"C{index}", marker="none", linewidth=1
            )
    axes.set(xlabel="length $L$", ylabel=r"$\log_{10}$ (current / hopping)", ylim=(-390, 15))
    axes.legend(loc="lower left")
    plt.show()

# %%
# What is left of the decay when the exponential is taken out, and the exponent at the self-dual point.

for potential in potentials[2:]:
    slope = np.polyfit(lengths[-5:], decades[potential][-5:] * np.log(10), 1)[0]
    print(f"W = {potential:g}: decay constant {-slope:.4f}, 1/xi = {np.log(potential / 2):.4f}")
power = np.polyfit(np.log(lengths[3:]), decades[2.0][3:] * np.log(10), 1)[0]
print(f"W = 2: the current falls as L to the power {power:.2f}")

r"""
From ballistic to diffusive
===========================

How the current through a uniform chain falls with its length says how heat moves: not at all in ballistic transport, as
:math:`1/L` in diffusion. Here the closed form is swept over the length, the rate :math:`\Gamma` of the probes, and the
hopping :math:`\lambda`; the effective transport exponent is the local one,
:math:`\alpha = -d \ln j / d \ln L`.

**What to see.** There is no transition but a crossover: any :math:`\Gamma > 0` makes a long enough chain diffusive. The
chain is two contacts and :math:`L - 1` links in series,

.. math:: j = \frac{\Delta n}{R + (L - 1)\,\Gamma/2\lambda^2}, \qquad R = \frac{2}{\gamma} + \frac{\gamma}{2\lambda^2},

with :math:`\gamma` the rate of the real baths, and :math:`\alpha = 1/2` where the length is
:math:`\ell_0 - 1 = (4\lambda^2 + \gamma^2)/(\gamma\Gamma) - 1`, where contacts and links resist about alike. Strong hopping
carries excitations further, as :math:`\lambda^2`; below :math:`\lambda = \gamma/2` the length hardly depends on it any
more, because contacts and links then suffer alike from weak hopping.
"""

import matplotlib.pyplot as plt
import numpy as np

import wignerness as wn
from wignerness import plotting
from wignerness.analysis import crossover, local_exponents

RATE = 1.0  # gamma: the unit of all rates

lengths = np.unique(np.geomspace(2, 6000, 32).round().astype(int))
probe_rates = np.geomspace(1e-3, 1.0, 22)
hoppings = np.array([0.1, 0.5, 1.5])

# %%
# One call sweeps all three: axes of an array are hopping, probe rate, length.

chains = wn.exact.chain_scaling(
    lengths[None, None, :],
    hopping=hoppings[:, None, None],
    rate=RATE,
    occupations=(1, 2),
    probe_rate=probe_rates[None, :, None],
)
exponents = -local_exponents(lengths, np.abs(chains.current))

# %%
# The closed form is for uniform chains. The same study of any network is a sweep that solves each of its points; for the
# chains of up to 32 modes it takes the stacked solver, and a fraction of a second.


def chain(length, probe_rate, hopping):
    return wn.models.chain(length, hopping=hopping, rate=RATE, occupations=(1, 2), probe_rate=probe_rate)


short = lengths[lengths <= 32]
grid = {"hopping": hoppings, "probe_rate": probe_rates[::3], "length": short}
solved = wn.sweep(chain, grid, ["bath_currents"]).bath_currents.sel(bath="left").values
closed = np.abs(chains.current[:, ::3, : len(short)])
print(
    f"{solved.size} chains solved; largest relative difference from the closed form: {np.abs(solved / closed - 1).max():.0e}"
)

# %%
# The exponent over length and probe rate, and where it passes 1/2 for each hopping. The crossover is read off the sweep;
# the lines are the formula, :math:`L = \ell_0 - 1`.

half = np.full(len(lengths), 0.5)
ell_0 = (4 * hoppings**2 + RATE**2)[:, None] / (RATE * probe_rates)

with plotting.screen():
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.4), layout="constrained")
    shown = int(np.flatnonzero(hoppings == 0.5)[0])
    mesh = left.pcolormesh(
        lengths, probe_rates, exponents[shown], cmap="cividis", vmin=0, vmax=1, shading="gouraud", rasterized=True
    )
    left.contour(lengths, probe_rates, exponents[shown], levels=[0.1, 0.5, 0.9], colors="white")
    for level, row in ((0.1, 5), (0.5, 8), (0.9, 10)):
        (place,) = crossover(lengths, exponents[shown, row], np.full(len(lengths), level))
        left.text(place * 1.15, probe_rates[row] * 1.05, str(level), color="white" if level < 0.6 else "black")
    left.text(2.6, 1.6e-3, "ballistic", color="white")
    left.text(1100, 0.5, "diffusive", color="black")
    left.set(xscale="log", yscale="log", xlabel=r"$L$", ylabel=r"$\Gamma/\gamma$", title=r"$\lambda = \gamma/2$")
    figure.colorbar(mesh, ax=left, label=r"$\alpha = -d\ln j\,/\,d\ln L$")

    for row, (hopping, marker) in enumerate(zip(hoppings, "os^", strict=True)):
        found = [crossover(lengths, curve, half) for curve in exponents[row]]
        places = [(rate, place[0]) for rate, place in zip(probe_rates, found, strict=True) if place.size]
        (points,) = right.plot(*zip(*places, strict=True), marker, label=rf"$\lambda = {hopping:g}\,\gamma$")
        right.plot(probe_rates, ell_0[row] - 1, color=points.get_color(), marker="none", linewidth=1)
    right.set(xscale="log", yscale="log", xlabel=r"$\Gamma/\gamma$", ylabel=r"$L$ where $\alpha = 1/2$", ylim=(2, 2e4))
    right.legend()
    plt.show()

# %%
# Whether a chain of these lengths *has* reached diffusion is what `fit_power_law` decides. It fits the most strongly scattered
# one, and refuses the more weakly scattered ones, whose decade at the end may look straight enough on paper.

for rate_index in (-1, 6, 0):
    current = np.abs(chains.current[shown, rate_index])
    print(f"Gamma = {probe_rates[rate_index]:.2g} gamma")
    try:
        print(wn.fit_power_law(lengths, current), end="\n\n")
    except wn.errors.UndefinedQuantityError as error:
        print(error, end="\n\n")

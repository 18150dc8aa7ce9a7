r"""
The paper's chain beyond the local master equation
==================================================

The entropy production of the chain of Fig. 3, with hopping and rates that are no longer tiny beside the frequency
:math:`\omega = 1` of its nodes, by the local master equation, by global ones, and exactly. All baths have temperatures and flat
spectra; every theory closes the self-consistent probes for itself, such that they exchange no excitations.

**What to see.** Left, the ratios of Fig. 3 at a damping of :math:`\gamma = 0.2`: the local equation and the global one that
keeps coherences between close levels lie on the exact production, and closer with every node. The *fully secular* equation, as
global equations are usually written, finds no diffusion at all: its production is the same for every length. It lets every bath
act on whole normal modes, and these reach from end to end: a probe that takes from a mode and gives back to it scatters
nothing. The fall of the production with length that the paper is about lives in the coherences that the secular step drops.

Right, without probes, between colder baths (:math:`T = 1/4` and 1/2), for 50 nodes at :math:`\gamma = 0.02`. The exact
transmission of a uniform chain of three nodes or more samples the band with the variance :math:`\lambda^2`, whatever the length
and the damping, so that the local production, :math:`\propto f(\omega)`, is off by

.. math:: \epsilon = \lambda^2\, \frac{|f''(\omega)|}{2 f(\omega)}, \qquad
          f_{\text{Wigner}} = \frac{(n_1 - n_2)^2}{(n_1 + \frac12)(n_2 + \frac12)}, \quad
          f_{\text{Clausius}} = \omega\,(n_1 - n_2) \Bigl(\frac1{T_2} - \frac1{T_1}\Bigr),

(lines). At a hopping of 0.3 heat over temperature is right to two percent, and the *Wigner* production is missing a third:
in it occupations enter twice, and in a wide band they differ. The secular equation errs by :math:`\gamma^2/4\lambda^2`.
"""

import matplotlib.pyplot as plt
import numpy as np

import wignerness as wn
from wignerness import plotting
from wignerness.theories import Exact, Global, Local

SECULAR = Global(secular_width=0.0)


def bath(node, rate, temperature):
    """A thermal bath on a node of frequency 1, the same damping at all frequencies."""
    return wn.ThermalBath.at_temperature(node, rate, temperature, frequency=1.0)


def chain(length, hopping, rate, temperatures, probe_rate=0.0):
    """The paper's chain, its real baths with temperatures."""
    network = wn.models.chain(
        length, hopping=hopping, rate=rate, occupations=(0, 0), probe_rate=probe_rate, frequency=1.0
    )
    ends = [bath(node, rate, t) for node, t in zip((0, length - 1), temperatures, strict=True)]
    return network.replace(baths=[*ends, *network.baths[2:]])


# %%
# Probes get temperatures, too: with the same occupation at every frequency, as in the local equation, they are infinitely
# hot at high frequencies, and by the exact theory they heat the chain. What they take up is linear in their
# occupations, nearly so by the exact theory; a few steps of Newton's method, with the response by a master equation, close
# them.


def solved(network, occupations, theory):
    """The steady state with probes of given occupations at the frequency 1."""
    probes = [bath(p.mode, p.rate, 1 / np.log1p(1 / n)) for p, n in zip(network.baths[2:], occupations, strict=True)]
    return wn.steady_state(network.replace(baths=[*network.baths[:2], *probes]), theory=theory)


def response(network, occupations, theory, step=1e-4):
    """How what the probes take up changes with their occupations."""
    taken = [
        solved(network, occupations + move, theory).bath_currents[2:] for move in (0, *step * np.eye(len(occupations)))
    ]
    return (np.array(taken[1:]) - taken[0]).T / step


def closed(network, occupations, theory, matrix):
    """The steady state in which no probe takes up anything."""
    for _ in range(20):
        ness = solved(network, occupations, theory)
        if np.abs(ness.bath_currents[2:]).max() < 1e-5 * np.abs(ness.bath_currents[:2]).max():
            return ness
        occupations = occupations - np.linalg.solve(matrix, ness.bath_currents[2:])
    raise RuntimeError("the probes are not closed")


warm = (1 / np.log(2), 1 / np.log(1.5))  # occupations 1 and 2, as in Fig. 3
lengths = np.array([2, 4, 8, 15, 28, 50])
productions = {"exact": [], "local": [], "global": [], "secular": []}
for length in lengths:
    network = chain(length, hopping=0.06, rate=0.2, temperatures=warm, probe_rate=0.02)
    start = np.array([b.occupation for b in wn.steady_state(network).network.baths[2:]])
    matrix = response(network, start, Local())
    for name, theory in (("exact", Exact()), ("local", Local()), ("global", Global())):
        productions[name].append(closed(network, start, theory, matrix).entropy_flux.sum())
    matrix = response(network, start, SECULAR)
    productions["secular"].append(closed(network, start, SECULAR, matrix).entropy_flux.sum())
for name in ("local", "global", "secular"):
    off = np.array(productions[name]) / productions["exact"] - 1
    print(f"{name:8s} off by {off[0]:8.2%} for 2 nodes, {off[-1]:8.2%} for 50")

# %%
# Without probes nothing needs closing. What the local equation says of the Wigner production is too little, of heat over
# temperature a little too little, and both fall with the square of the hopping.

cold = (0.25, 0.5)
hoppings = np.geomspace(0.01, 0.3, 9)
errors = {(name, kind): [] for name in ("local", "secular") for kind in ("Wigner", "Clausius")}
for hopping in hoppings:
    network = chain(50, hopping, rate=0.02, temperatures=cold)
    exact = wn.steady_state(network, theory=Exact())
    for name, theory in (("local", Local()), ("secular", SECULAR)):
        ness = wn.steady_state(network, theory=theory)
        errors[name, "Wigner"].append(abs(ness.entropy_flux.sum() / exact.entropy_flux.sum() - 1))
        errors[name, "Clausius"].append(abs(ness.clausius_production / exact.clausius_production - 1))

omega = np.array([1 - 1e-3, 1.0, 1 + 1e-3])
low, high = (1 / np.expm1(omega / t) for t in cold)
sampled = {"Wigner": (high - low) ** 2 / (high + 0.5) / (low + 0.5), "Clausius": omega * (high - low)}
bends = {kind: abs(f[0] - 2 * f[1] + f[2]) / 1e-6 / (2 * f[1]) for kind, f in sampled.items()}

with plotting.screen():
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    left.plot(lengths, productions["exact"], color="black", marker="none", label="exact", zorder=1)
    for name, marker in (("local", "o"), ("global", "^"), ("secular", "s")):
        left.plot(lengths, productions[name], linestyle="none", marker=marker, label=name)
    left.set(xscale="log", yscale="log", xlabel="length $L$", ylabel=r"Wigner entropy production$/\omega$ (nats)")
    left.set_xticks(lengths, [str(length) for length in lengths])
    left.xaxis.set_minor_locator(plt.NullLocator())
    left.legend()
    for (name, kind), values in errors.items():
        face = {"markerfacecolor": "white"} if kind == "Clausius" else {}
        color, marker = {"local": ("C0", "o"), "secular": ("C2", "s")}[name]
        size = 9 if kind == "Wigner" else 5
        right.plot(
            hoppings, values, linestyle="none", color=color, marker=marker, label=f"{name}, {kind}", ms=size, **face
        )
    for bend in bends.values():
        right.plot(hoppings, bend * hoppings**2, color="0.4", marker="none", linewidth=1, zorder=0)
    right.plot(hoppings, 0.02**2 / 4 / hoppings**2, color="0.4", marker="none", linewidth=1, zorder=0)
    right.set(xscale="log", yscale="log", xlabel=r"hopping $\lambda/\omega$", ylabel="relative error of the production")
    right.legend()
    plt.show()

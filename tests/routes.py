"""Independent ways to the same steady state: none uses the library's linear algebra."""

from __future__ import annotations

import numpy as np
from scipy import linalg


def drift_and_source(network):
    """Dense A and f of a passive network whose probes are filled in."""
    return np.asarray(network.drift), np.asarray(network.diffusion).astype(complex)


def by_scipy(network):
    """C by ``scipy.linalg.solve_continuous_lyapunov``."""
    drift, source = drift_and_source(network)
    return linalg.solve_continuous_lyapunov(drift, -source)


def by_eigenvectors(network):
    """C by the formula that textbooks give: diagonalize A, divide, transform back."""
    drift, source = drift_and_source(network)
    values, vectors = np.linalg.eig(drift)
    inverse = np.linalg.inv(vectors)
    inner = -(inverse @ source @ inverse.conj().T) / (values[:, None] + values.conj())
    return vectors @ inner @ vectors.conj().T


def by_slicot(network):
    """C by SLICOT's SB03MD on the real form [[Re A, -Im A], [Im A, Re A]]."""
    import slycot

    drift, source = drift_and_source(network)
    real = np.block([[drift.real, -drift.imag], [drift.imag, drift.real]])
    # Our equation is A X + X A^T = -F; SLICOT's is op(A)^T X + X op(A) = scale C.
    _, _, x, scale, *_ = slycot.sb03md57(real.T.copy(), C=-np.kron(np.eye(2), source.real), dico="C", job="X")
    size = network.n_modes
    return (x[:size, :size] + 1j * x[size:, :size]) / scale


def by_evolution(network):
    """C by evolving the vacuum until nothing moves: C(2t) = e^{At} C(t) e^{A^+ t} + C(t), from one short step."""
    drift, source = drift_and_source(network)
    size = len(drift)
    step = 0.5 / np.abs(drift).sum(axis=1).max()
    # Van Loan: one exponential holds the propagator and the integral.
    block = linalg.expm(step * np.block([[-drift, source], [np.zeros_like(drift), drift.conj().T]]))
    moved = block[size:, size:].conj().T
    state = moved @ block[:size, size:]
    for _ in range(64):
        state = moved @ state @ moved.conj().T + state
        moved = moved @ moved
        if np.abs(moved).max() < 1e-20:
            return state
    raise ArithmeticError("the network relaxes too slowly")


def by_density_matrix(network, cutoff):
    """Mean, C, S and von Neumann entropy of the steady density matrix in a truncated Fock space (QuTiP)."""
    import qutip

    size = network.n_modes
    single = qutip.destroy(cutoff)
    a = [qutip.tensor([single if m == k else qutip.qeye(cutoff) for m in range(size)]) for k in range(size)]
    hamiltonian = 0 * a[0]
    for k in range(size):
        hamiltonian += network.drive[k] * a[k].dag() + np.conj(network.drive[k]) * a[k]
        for m in range(size):
            hamiltonian += network.hamiltonian[k, m] * a[k].dag() * a[m]
            pair = 0.5 * network.pairing[k, m] * a[k].dag() * a[m].dag()
            hamiltonian += pair + pair.dag()
    jumps = []
    for bath in network.baths:
        jumps.append(np.sqrt(bath.rate * (bath.occupation + 1)) * a[bath.mode])
        if bath.occupation:
            jumps.append(np.sqrt(bath.rate * bath.occupation) * a[bath.mode].dag())
    rho = qutip.steadystate(hamiltonian, jumps)
    mean = np.array([qutip.expect(op, rho) for op in a])
    # QuTiP's <a_i^+ a_j> is our C_ji: C_ij = <a_j^+ a_i>.
    normal = np.array([[qutip.expect(a[j].dag() * a[i], rho) for j in range(size)] for i in range(size)])
    anomalous = np.array([[qutip.expect(a[i] * a[j], rho) for j in range(size)] for i in range(size)])
    return (
        mean,
        normal - np.outer(mean, mean.conj()),
        anomalous - np.outer(mean, mean),
        float(qutip.entropy_vn(rho)),
    )

"""The local master equation, as an option beside the others."""

from __future__ import annotations

from dataclasses import dataclass

from ..network import Network

__all__ = ["Local"]


@dataclass(frozen=True)
class Local:
    """The local master equation of the paper, Eqs. (3)-(4): every bath acts on its node as if there were no others.

    To lowest order in the couplings between the nodes. It uses the ``rate`` and the ``occupation`` of each bath, and
    takes every network; ``steady_state`` solves it with the solver asked for.

    Examples
    --------
    >>> import wignerness as wn
    >>> chain = wn.models.chain(3, hopping=0.2, rate=0.1, occupations=(1, 2))
    >>> wn.steady_state(chain, theory=wn.theories.Local()).theory
    Local()
    """

    def refusal(self, network: Network) -> str | None:  # noqa: ARG002 - the interface of every theory
        """None: every network is taken."""
        return None

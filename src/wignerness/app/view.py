"""What one page shows: a spec, values changed since, and choices. The page keeps it; the server is given it anew."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from ..errors import SpecError
from ..io.spec import LARGEST_SPEC

__all__ = ["STARTS", "View", "from_link", "to_link"]

# What may be the state at time zero, and what its number means; the last is the spec's own, where it has one.
STARTS: dict[str, str] = {
    "vacuum": "",
    "thermal": "occupation of every node",
    "coherent": "amplitude of one node",
    "squeezed": "squeezing r of one node",
    "spec": "",
}
_MOST_SETTINGS = 100
_LARGEST_VIEW = 2 * LARGEST_SPEC


@dataclass(frozen=True)
class View:
    """All that a page shows.

    Attributes
    ----------
    spec : str
        TOML text, as `wignerness solve` reads it.
    settings : mapping of str to value
        Values put at places of the spec since, such as ``network.hopping``. A place that begins with ``~`` is one of
        the spec node by node, to which the spec is unfolded first.
    panel : str
    mode : int
        The node whose Wigner function is shown, or whose start is displaced or squeezed.
    selected : str
        An element of the network, such as ``n3`` (a node), ``e2`` (a link), ``b0`` (a bath); or nothing.
    start : str
        One of `STARTS`.
    strength : float
        The number that goes with it.
    follow : bool
        Whether free probes follow in a transient.
    theme : str
        ``light`` or ``dark``.
    """

    spec: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    panel: str = "profile"
    mode: int = 0
    selected: str = ""
    start: str = "vacuum"
    strength: float = 1.0
    follow: bool = False
    theme: str = "light"

    @classmethod
    def from_json(cls, given: object) -> View:
        """Read what a page sent or a link held; what is of the wrong type is refused."""
        if not isinstance(given, Mapping):
            raise SpecError("The view is not a table.")
        types = {"spec": str, "settings": Mapping, "mode": int, "strength": (int, float), "follow": bool}
        values = {entry.name: given[entry.name] for entry in fields(cls) if entry.name in given}
        for name, value in values.items():
            wanted: Any = types.get(name, str)
            if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
                raise SpecError(f"The view has a `{name}` of the wrong type.")
        if "spec" not in values:
            raise SpecError("The view has no `spec`.")
        settings = values.get("settings", {})
        if len(settings) > _MOST_SETTINGS:
            raise SpecError(f"The view has more than {_MOST_SETTINGS} settings.")
        if not all(isinstance(value, (str, int, float)) for value in settings.values()):
            raise SpecError("The view has a setting that is neither text nor a number.")
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """Return it as a table of plain values."""
        return asdict(self)


def to_link(view: View) -> str:
    """Return a view as text for the end of an address.

    Examples
    --------
    >>> from_link(to_link(View("[network]", panel="currents"))).panel
    'currents'
    """
    text = json.dumps(view.to_json(), separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(zlib.compress(text, 9)).decode().rstrip("=")


def from_link(link: str) -> View:
    """Read the view that `to_link` wrote.

    Raises
    ------
    SpecError
        If it is damaged or too large.
    """
    try:
        packed = base64.b64decode(link + "=" * (-len(link) % 4), altchars=b"-_", validate=True)
        reader = zlib.decompressobj()
        text = reader.decompress(packed, _LARGEST_VIEW)
        if not reader.eof:
            raise SpecError("The link is cut off, or holds more than a spec can have.")
        return View.from_json(json.loads(text))
    except (binascii.Error, zlib.error, ValueError, RecursionError) as error:
        if isinstance(error, SpecError):
            raise
        raise SpecError("The link is damaged: it must be copied whole.") from None

"""Finished parts of a ledger's run, so that a run that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path


class Journal:
    """One line of JSON a part; the first says which run they belong to.

    Parameters
    ----------
    path : Path or None
        None keeps nothing.
    run : dict
        What tells one run from another. The journal of another run is not gone on with.
    """

    def __init__(self, path: Path | None, run: dict) -> None:
        self.path, self.done = path, {}
        if path is None:
            return
        # A line that was being written when the run was stopped has no end: it does not count.
        lines = path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else []
        if lines and json.loads(lines[0]) != plain(run):
            raise SystemExit(f"{path} is the journal of another run, or of other sources: {lines[0]}")
        self.done = {line["part"]: line["found"] for line in map(json.loads, lines[1:])}
        whole = [as_line(run), *lines[1:]] if lines else [as_line(run)]
        path.write_text("".join(f"{line}\n" for line in whole), encoding="utf-8")

    def keep(self, part: str, found: dict) -> None:
        """Write one finished part."""
        self.done[part] = plain(found)
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(as_line({"part": part, "found": found}) + "\n")


def as_line(content: dict) -> str:
    """JSON in one line; NumPy's scalars become numbers."""
    return json.dumps(content, ensure_ascii=False, default=lambda scalar: scalar.item())


def plain(content: dict) -> dict:
    """What comes back from a file."""
    return json.loads(as_line(content))


def fingerprint(*folders: Path) -> str:
    """Of all Python files in some folders."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in folders for path in folder.rglob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]

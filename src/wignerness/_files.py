"""Files that appear whole or not at all, and never in place of another unless asked."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path

from .errors import FileFormatError


def refuse_existing(paths: Iterable[Path]) -> None:
    """Raise FileFormatError if any of the files exists; worth asking before a long computation."""
    present = [str(path) for path in paths if os.path.lexists(path)]
    if present:
        verbs = ("exist and are", "they are", "them") if len(present) > 1 else ("exists and is", "it is", "it")
        raise FileFormatError(
            f"{', '.join(present)} {verbs[0]} left as {verbs[1]}. Use --force (force=True) to replace {verbs[2]}."
        )


def refuse_no_file(path: Path) -> None:
    """Raise FileFormatError if there is something of that name other than a file: it is never replaced."""
    if path.exists() and not path.is_file():
        raise FileFormatError(f"{path} is {'a folder' if path.is_dir() else 'no file, and is left as it is'}.")


def refuse_inputs(target: Path, inputs: Iterable[Path]) -> None:
    """Raise FileFormatError if ``target`` is one of the files that the work was read from, by whatever name."""
    for path in inputs:
        try:
            same = path.samefile(target)
        except (OSError, ValueError):
            continue  # one of them is not there
        if same:
            raise FileFormatError(f"{target} is what the work is read from. Give the output another name.")


def appear(path: Path, write: Callable[[Path], object], *, force: bool) -> None:
    """Have ``write`` fill a temporary file beside ``path``, flush it to the disk, and give it its name in one step.

    Raises
    ------
    FileFormatError
        If the file cannot be written, or exists (or has come into being meanwhile) and ``force`` is False, or there is
        something of that name that is no file (a device, say).
    """
    refuse_no_file(path)
    try:
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        part.touch(exist_ok=False)
        try:
            write(part)
            publish(part, path, force=force)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise FileFormatError(f"{path} cannot be written: {error.strerror or error}") from error


def publish(part: Path, target: Path, *, force: bool) -> None:
    """Give a finished file its name."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    if force:
        part.replace(target)
    else:
        _name_once(part, target)
    with contextlib.suppress(OSError):  # some systems cannot open folders
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _name_once(part: Path, target: Path) -> None:
    """Give the file its name unless it is taken, in one step: a link fails where a renaming would replace."""
    try:
        target.hardlink_to(part)
    except FileExistsError:
        refuse_existing([target])
        raise
    except OSError:  # a file system without links
        refuse_existing([target])
        part.replace(target)

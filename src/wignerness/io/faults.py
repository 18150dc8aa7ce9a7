"""Faults of a spec file: where they are, what is wrong, and the nearest valid key."""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .._text import shorten
from ..errors import SpecError

Path = tuple[str | int, ...]

MAX_DEPTH = 32
_LONGEST_SHOWN = 60
_MOST_SHOWN = 100
_MOST_VALID = 12
_MOST_KEPT = 1000

_STRING_OR_COMMENT = re.compile(
    r'"""(?:\\.|.)*?(?:"""|\Z)'
    r"|'''.*?(?:'''|\Z)"
    r'|"(?:\\.|[^"\\\n])*+(?:"|(?=\n)|\Z)'
    r"|'[^'\n]*+(?:'|(?=\n)|\Z)"
    r"|\#[^\n]*+",
    re.DOTALL,
)
_KEY = r"[A-Za-z0-9_-]++"
_HEADER = re.compile(rf"\[(\[)?[ \t]*+({_KEY}(?:\.{_KEY})*+)[ \t]*+\]")
_ASSIGNMENT = re.compile(rf"({_KEY}(?:\.{_KEY})*+)[ \t]*+=")
_TOO_DEEP = re.compile(rf"(?<![A-Za-z0-9_.-])(?:{_KEY}[ \t]*+\.[ \t]*+){{{MAX_DEPTH}}}")


def path_text(path: Iterable[str | int]) -> str:
    """Write a path as ``baths[2].rate``.

    Examples
    --------
    >>> path_text(("baths", 2, "rate"))
    'baths[2].rate'
    """
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{shorten(part)}"
    return text.removeprefix(".")


def show(value: object) -> str:
    """Describe a value of a TOML file in a few characters, however large or deep it is.

    Examples
    --------
    >>> show(True), show("x"), show([1, 2, 3]), show({"a": 1}), show(16**5000)
    ('true', '"x"', 'an array of 3', 'a table', 'an integer of 20001 bits')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{shorten(value)}"'
    if isinstance(value, int):
        return str(value) if value.bit_length() < 128 else f"an integer of {value.bit_length()} bits"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, list):
        return f"an array of {len(value)}"
    if isinstance(value, datetime.date | datetime.time):
        return f"the date or time {value.isoformat()}"
    return "a table" if isinstance(value, dict) else f"a {type(value).__name__}"


def nearest(word: str, valid: Iterable[str]) -> str:
    """Return a remark that names the valid word nearest to ``word``, or all of them.

    Examples
    --------
    >>> nearest("lenght", ["length", "hopping"])
    'the nearest valid one is `length`'
    >>> nearest("q", ["length", "hopping"])
    'valid are `length`, `hopping`'
    """
    words = list(valid)
    close = difflib.get_close_matches(word[:_LONGEST_SHOWN], words, n=1, cutoff=0.6)
    if close:
        return f"the nearest valid one is `{close[0]}`"
    if not words:
        return "none is valid"
    more = f" and {len(words) - _MOST_VALID} more" if len(words) > _MOST_VALID else ""
    return "valid are " + ", ".join(f"`{w}`" for w in words[:_MOST_VALID]) + more


def without_strings(text: str) -> str:
    """Blank the strings and comments of a TOML text and keep its line breaks."""
    return _STRING_OR_COMMENT.sub(lambda match: '"' + "\n" * match.group().count("\n"), text)


def is_too_deep(text: str) -> bool:
    """Tell whether a dotted key has more than `MAX_DEPTH` parts.

    The time of a TOML reader grows with the square of that number: a key of a
    megabyte would keep it busy for hours.
    """
    return _TOO_DEEP.search(_STRING_OR_COMMENT.sub(_blank_key, text)) is not None


def _blank_key(match: re.Match[str]) -> str:
    return "" if match.group().startswith("#") else "s" + "\n" * match.group().count("\n")


def line_numbers(text: str) -> dict[Path, int]:
    """Return the line (from 1) of every table header and simple key of a TOML text.

    It is a light scan and not a parser: keys in quotes and inline tables are left out.
    """
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    for number, line in enumerate(without_strings(text).split("\n"), start=1):
        stripped = line.strip()
        if header := _HEADER.match(stripped):
            table = _table_path(header.group(2).split("."), header.group(1) is not None, counts)
            lines.setdefault(table, number)
        elif key := _ASSIGNMENT.match(stripped):
            lines.setdefault((*table, *key.group(1).split(".")), number)
    return lines


def _table_path(names: list[str], is_array: bool, counts: dict[Path, int]) -> Path:
    path: Path = ()
    for name in names[:-1]:
        path += (name,)
        if path in counts:
            path += (counts[path] - 1,)
    path += (names[-1],)
    if is_array:
        counts[path] = counts.get(path, 0) + 1
    return (*path, counts[path] - 1) if path in counts else path


@dataclass
class Faults:
    """A list of faults that grows while a spec is read; raised as one error."""

    name: str
    lines: Mapping[Path, int] = field(default_factory=dict)
    found: list[tuple[Path, str]] = field(default_factory=list)
    too_large: MemoryError | None = None

    def add(self, path: Path, message: str) -> None:
        """Note one fault, once; after a thousand the reader has understood."""
        if len(self.found) < _MOST_KEPT and (path, message) not in self.found:
            self.found.append((path, message))

    def add_unknown(self, path: Path, what: str, word: str, valid: Iterable[str]) -> None:
        """Note that ``word`` is none of the valid ones, and which of them is nearest."""
        remark = f", {nearest(word, valid)}" if len(self.found) < _MOST_SHOWN else ""
        self.add(path, f"unknown {what} `{shorten(word)}`{remark}")

    def has(self, *prefix: str | int) -> bool:
        """Tell whether a fault lies at or below a path."""
        return any(path[: len(prefix)] == prefix for path, _ in self.found)

    def line(self, path: Path) -> int | None:
        """Return the line of a path, or of the innermost table around it."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return None

    def error(self) -> SpecError:
        """Return the error that lists all faults in the order of the file.

        If all that is wrong is that there is not enough memory, the error has that as its cause.
        """
        far = float("inf")
        order = sorted(self.found, key=lambda fault: self.line(fault[0]) or far)
        faults = [(path_text(path), self._located(path, message)) for path, message in order]
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        listed = [f"  {path + ': ' if path else ''}{message}" for path, message in faults[:_MOST_SHOWN]]
        if len(faults) > _MOST_SHOWN:
            listed.append(f"  and {len(faults) - _MOST_SHOWN} more")
        error = SpecError(f"{self.name} has {count}:\n" + "\n".join(listed), faults=faults)
        if len(faults) == 1:
            error.__cause__ = self.too_large
        return error

    def _located(self, path: Path, message: str) -> str:
        line = self.line(path)
        return message if line is None else f"{message} (line {line})"

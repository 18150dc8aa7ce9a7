"""Words for people: counts with their nouns, and foreign texts made safe for one line."""

from __future__ import annotations

from collections.abc import Sequence

_LONGEST_SHOWN = 60
_LONGEST_LABEL = 40
_ROWS_SHOWN = 12


def shorten(text: str, limit: int = _LONGEST_SHOWN) -> str:
    r"""Return a text in printable characters, and not more of them than ``limit``.

    Examples
    --------
    >>> shorten("two\nlines"), shorten("very long", 7)
    ('two\\nlines', 'very...')
    """
    safe = text if text.isprintable() else ascii(text)[1:-1]
    return safe if len(safe) <= limit else safe[: limit - 3] + "..."


def storable(text: str) -> str:
    r"""Return a text that every file can hold: lone surrogates and null characters are written out.

    Examples
    --------
    >>> storable("a\x00b"), storable("\udc80"), storable("größe")
    ('a\\x00b', '\\udc80', 'größe')
    """
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> counted(1, "bath"), counted(2, "bath")
    ('1 bath', '2 baths')
    """
    return f"{number} {noun}" + ("" if number == 1 else "s")


def aligned(*labels: str, width: int) -> list[str]:
    """Return the labels in one width, at least the given one; very long and unprintable ones in another form.

    Examples
    --------
    >>> aligned("a", "long", width=3)
    ['a   ', 'long']
    """
    safe = [shorten(label, _LONGEST_LABEL) for label in labels]
    width = max(width, *map(len, safe))
    return [f"{label:<{width}}" for label in safe]


def shortened(rows: Sequence[str]) -> list[str]:
    """Return the rows of a table, or of a long one its ends with a count of what is left out.

    Examples
    --------
    >>> shortened([str(k) for k in range(20)])[5:8]
    ['5', '  ... 8 more', '14']
    """
    if len(rows) <= _ROWS_SHOWN:
        return list(rows)
    half = _ROWS_SHOWN // 2
    return [*rows[:half], f"  ... {len(rows) - 2 * half} more", *rows[-half:]]

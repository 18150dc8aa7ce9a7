"""Words for people: counts with their nouns, and foreign texts made safe for one line."""

from __future__ import annotations

_LONGEST_SHOWN = 60


def shorten(text: str, limit: int = _LONGEST_SHOWN) -> str:
    r"""Return a text in printable characters, and not more of them than ``limit``.

    Examples
    --------
    >>> shorten("two\nlines"), shorten("very long", 7)
    ('two\\nlines', 'very...')
    """
    safe = text if text.isprintable() else ascii(text)[1:-1]
    return safe if len(safe) <= limit else safe[: limit - 3] + "..."


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> counted(1, "bath"), counted(2, "bath")
    ('1 bath', '2 baths')
    """
    return f"{number} {noun}" + ("" if number == 1 else "s")

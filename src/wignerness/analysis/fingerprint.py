"""What a function depends on, in texts that are the same in every process: its source and all that it refers to."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import inspect
import json
import sys
import sysconfig
import types
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import numpy as np

from .._text import storable

__all__ = ["Fingerprint", "digest"]

_PLAIN = (bool, int, float, complex, str, bytes, range, np.generic, type(None), type(...))
_CACHING = type(functools.cache(len))
_CALLED = (types.FunctionType, types.MethodType, types.BuiltinFunctionType, functools.partial, _CACHING)
_LONGEST, _LONGEST_SHOWN = 60, 120


class Fingerprint:
    """The source of a function, and what it finds outside itself.

    Numbers, texts, arrays, containers and objects count with their values. Functions, classes and modules of one's own
    count with their source and with what they refer to in turn; those that are installed count with their names.

    Parameters
    ----------
    function : callable
        A function, a method, a partial, or an object that can be called.

    Examples
    --------
    >>> def of(rate):
    ...     return lambda x: rate * x
    >>> Fingerprint(of(1.0)).surroundings, Fingerprint(of(2.0)).surroundings
    ({'rate': '1.0'}, {'rate': '2.0'})
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function, self._bare = function, _bare(function)
        self._within: list[int] = []
        self._known: dict[int, tuple[Any, str]] = {}

    @property
    def source(self) -> str:
        """Module, name, and a digest of the source."""
        return f"{_named(self._bare)} ({digest(self._source(self._bare))})"

    @functools.cached_property
    def surroundings(self) -> dict[str, str]:
        """All that the function refers to, by name; a long text as its beginning and a digest."""
        found = {}
        for name, value in self._outside(self._function).items():
            try:
                text = self._text(value)
            except RecursionError:
                self._within.clear()
                text = _named(type(value))
            found[name] = _short(text)
        return {name: text for name, text in found.items() if text}

    def __str__(self) -> str:
        """The name, and one digest of everything."""
        return f"{_named(self._bare)} ({digest(self._source(self._bare) + json.dumps(self.surroundings))})"

    # --- functions --------------------------------------------------------------------------------------------------

    def _outside(self, function: Any) -> dict[str, Any]:
        """What a function refers to, by name."""
        if isinstance(function, functools.partial):
            given = {f"argument {k}": value for k, value in enumerate(function.args)} | function.keywords
            return self._outside(function.func) | given
        if isinstance(function, types.MethodType):
            return self._outside(function.__func__) | {"self": function.__self__}
        if isinstance(function, _CACHING):
            return self._outside(function.__wrapped__)
        if isinstance(function, types.FunctionType):
            return _enclosed(function) | _globals(function) | _defaults(function)
        return {} if isinstance(function, (type, types.BuiltinFunctionType)) else {"self": function}

    def _of_function(self, function: Any) -> str:
        bare = _bare(function)
        what = f"{_named(bare)} {self._source(bare)}" if _is_own(bare) else _named(bare)
        outside = self._outside(function) if _is_own(bare) or function is not bare else {}
        return f"{what} {[(name, self._text(value)) for name, value in outside.items()]}"

    def _source(self, function: Any) -> str:
        """The source of a function; its code where there is none, or where a line can hold several."""
        inner = inspect.unwrap(function)
        wrapping = "" if inner is function else self._code(getattr(function, "__code__", None))
        code = getattr(inner, "__code__", None)
        try:
            text = inspect.getsource(code or inner)
        except (OSError, TypeError):
            return wrapping + (self._code(code) or _named(inner))
        return wrapping + text + (self._code(code) if code and code.co_name == "<lambda>" else "")

    def _code(self, code: types.CodeType | None) -> str:
        if code is None:
            return ""
        constants = [self._code(c) if isinstance(c, types.CodeType) else self._text(c) for c in code.co_consts]
        return f"{code.co_code.hex()} {code.co_names} {constants}"

    # --- values -----------------------------------------------------------------------------------------------------

    def _text(self, value: Any) -> str:
        """The same text for the same value in every process; none for what says nothing."""
        if isinstance(value, _PLAIN):
            return repr(value)
        if id(value) in self._within:
            return "..."  # what holds itself
        if id(value) not in self._known:
            self._within.append(id(value))
            text = self._compound(value)
            self._within.pop()
            # Kept with the value, so that no other takes its place in memory.
            self._known[id(value)] = value, text if len(text) <= _LONGEST else f"{_kind(value)} ({digest(text, 32)})"
        return self._known[id(value)][1]

    def _compound(self, value: Any) -> str:
        if isinstance(value, np.ndarray) and not value.dtype.hasobject:
            return f"{value.dtype}{value.shape} {hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()}"
        if isinstance(value, types.ModuleType):
            return ""  # what is taken from it is there by its name
        if isinstance(value, Mapping):
            items = [f"{self._text(key)}: {self._text(item)}" for key, item in value.items()]
            return f"{type(value).__name__}({', '.join(items)})"
        if isinstance(value, (AbstractSet, Sequence)):
            texts = [self._text(item) for item in value]
            return f"{type(value).__name__}({', '.join(sorted(texts) if isinstance(value, AbstractSet) else texts)})"
        if isinstance(value, _CALLED):
            return self._of_function(value)
        if isinstance(value, type):
            return self._of_class(value)
        return f"{self._text(type(value))} {self._of_parts(value)}"

    def _of_class(self, kind: type) -> str:
        if not _is_own(kind):
            return _named(kind)
        inside = {name: _inside(part) for name, part in vars(kind).items()}
        parts = [(name, self._text(part)) for name, part in inside.items() if not _is_of_python(name, part)]
        return f"{_named(kind)} {list(map(self._text, kind.__bases__))} {parts}"

    def _of_parts(self, value: Any) -> str:
        """An object by what it consists of."""
        if dataclasses.is_dataclass(value):
            return self._text({field.name: getattr(value, field.name, None) for field in dataclasses.fields(value)})
        try:
            parts = value.__reduce_ex__(4)
        except Exception:  # noqa: BLE001 - what cannot be taken apart counts with its kind
            return ""
        if isinstance(parts, str):
            return parts
        parts = (*parts, None, None, None)
        states = [_lasting(type(value), part) for part in (parts[2] if isinstance(parts[2], tuple) else (parts[2],))]
        contents: list[Any] = [list(items) for items in parts[3:5] if items is not None]
        return self._text((parts[1], states, contents))


def digest(text: str, length: int = 12) -> str:
    """Return the beginning of the SHA-256 of a text."""
    return hashlib.sha256(storable(text).encode()).hexdigest()[:length]


def _bare(function: Any) -> Any:
    """The function in a partial, a method or a cache; of an object, the one that is called."""
    for kind, name in ((functools.partial, "func"), (types.MethodType, "__func__"), (_CACHING, "__wrapped__")):
        if isinstance(function, kind):
            return _bare(getattr(function, name))
    plain = isinstance(function, (types.FunctionType, types.BuiltinFunctionType, type))
    return function if plain else getattr(type(function), "__call__", function)  # noqa: B004


def _named(part: Any) -> str:
    return f"{getattr(part, '__module__', '?')}.{getattr(part, '__qualname__', type(part).__qualname__)}"


def _kind(value: Any) -> str:
    return _named(value if isinstance(value, (type, types.FunctionType)) else type(value))


@functools.cache
def _installed() -> tuple[Path, ...]:
    return tuple({Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")})


def _is_own(part: Any) -> bool:
    """Whether something stands in a module that is not installed, and not in this library."""
    name = part.__name__ if isinstance(part, types.ModuleType) else getattr(part, "__module__", None)
    if not isinstance(name, str) or name.partition(".")[0] == "wignerness":
        return False
    file = getattr(sys.modules.get(name), "__file__", None)
    if file is None:
        return name == "__main__"
    return not any(Path(file).is_relative_to(folder) for folder in _installed())


def _enclosed(function: types.FunctionType) -> dict[str, Any]:
    found = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # nothing yet
            continue
    return found


def _globals(function: types.FunctionType) -> dict[str, Any]:
    """Global variables, and what is taken from modules of one's own."""
    names = sorted(_names(function.__code__))
    found = {name: function.__globals__[name] for name in names if name in function.__globals__}
    modules = {name: v for name, v in found.items() if isinstance(v, types.ModuleType) and _is_own(v)}
    taken = {f"{key}.{name}": vars(v)[name] for key, v in modules.items() for name in names if name in vars(v)}
    return found | taken


def _names(code: types.CodeType) -> set[str]:
    """Names in a function and in the functions within it."""
    return set(code.co_names).union(*(_names(c) for c in code.co_consts if isinstance(c, types.CodeType)))


def _defaults(function: types.FunctionType) -> dict[str, Any]:
    values = function.__defaults__ or ()
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    return dict(zip(names[len(names) - len(values) :], values, strict=True)) | (function.__kwdefaults__ or {})


def _inside(part: Any) -> Any:
    """The function in a part of a class."""
    for name in ("fget", "func", "__func__"):
        part = getattr(part, name, part)
    return part


def _is_of_python(name: str, part: Any) -> bool:
    """Whether Python itself notes this in a class, in part as it goes along."""
    return name.startswith("__") and name.endswith("__") and not isinstance(part, types.FunctionType)


def _lasting(kind: type, state: Any) -> Any:
    """The state of an object without what it only keeps so as not to compute it again."""
    if not isinstance(state, dict):
        return state
    return {k: v for k, v in state.items() if not isinstance(getattr(kind, str(k), None), functools.cached_property)}


def _short(text: str) -> str:
    line = storable(" ".join(text.split()))
    return line if len(line) <= _LONGEST_SHOWN else f"{line[:_LONGEST_SHOWN]}... ({digest(text)})"

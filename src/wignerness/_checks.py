"""Argument checks, and the one form of their messages.

Every message names the argument, the rule and the offending value:
``Argument `rate` must be non-negative, but is -0.5.``
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, ParamSpec, TypeVar

import numpy as np

from ._typing import ComplexArray, RealArray
from .errors import InvalidNetworkError, InvalidStateError, UndefinedQuantityError, WignernessError

A = TypeVar("A")
P = ParamSpec("P")


_NOT_REAL = (bool, np.bool_, str, bytes, bytearray, complex, np.complexfloating)


def fail(name: str, rule: str, value: object, error: type[WignernessError] = InvalidNetworkError) -> NoReturn:
    """Raise ``error`` in the one message form."""
    raise error(f"Argument `{name}` must {rule}, but is {value}.")


def real(
    name: str,
    value: Any,
    *,
    minimum: float = -math.inf,
    above: float = -math.inf,
    error: type[WignernessError] = InvalidNetworkError,
) -> float:
    """Return ``value`` as a finite float that is >= minimum and > above."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, _NOT_REAL) or value is np.ma.masked or isinstance(value, np.ndarray):
        fail(name, "be a real number", repr(value), error)
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        fail(name, "be a real number", repr(value), error)
    if not math.isfinite(number):
        fail(name, "be finite", number, error)
    if number < minimum:
        fail(name, "be non-negative" if minimum == 0 else f"be at least {minimum:g}", number, error)
    if number <= above:
        fail(name, "be positive" if above == 0 else f"be above {above:g}", number, error)
    return number


def integer(
    name: str,
    value: Any,
    *,
    minimum: int | None = None,
    error: type[WignernessError] = InvalidNetworkError,
) -> int:
    """Return ``value`` as an int; floats and booleans are refused."""
    if isinstance(value, (bool, np.bool_)):
        fail(name, "be an integer", repr(value), error)
    try:
        number = operator.index(value)
    except TypeError:
        fail(name, "be an integer", repr(value), error)
    if minimum is not None and number < minimum:
        fail(name, f"be at least {minimum}", number, error)
    return number


def _numeric(name: str, value: Any, dtype: type, error: type[WignernessError]) -> np.ndarray:
    if np.ma.isMaskedArray(value):
        fail(name, "not be masked (a mask is not a number; fill it first)", "a masked array", error)
    try:
        raw = np.asarray(value)
    except ValueError:
        fail(name, "be a rectangular array of numbers", "ragged", error)
    if raw.dtype.kind not in "iufc" or (dtype is np.float64 and raw.dtype.kind == "c"):
        kind = "real" if dtype is np.float64 else "real or complex"
        fail(name, f"hold {kind} numbers", f"of type {raw.dtype}", error)
    return np.array(raw, dtype=dtype, order="C")


def _check_array(
    name: str, array: np.ndarray, shape: Sequence[int | None] | None, error: type[WignernessError]
) -> None:
    if shape is not None:
        fits = array.ndim == len(shape) and all(
            want is None or want == have for want, have in zip(shape, array.shape, strict=True)
        )
        if not fits:
            wanted = "(" + ", ".join("any" if s is None else str(s) for s in shape) + ("," * (len(shape) == 1)) + ")"
            fail(name, f"have shape {wanted}", array.shape, error)
    if not np.isfinite(array).all():
        bad = np.argwhere(~np.isfinite(array))
        index = "".join(f"[{i}]" for i in bad[0])
        fail(f"{name}{index}", "be finite", array[tuple(bad[0])], error)


def complex_array(
    name: str,
    value: Any,
    shape: Sequence[int | None] | None = None,
    error: type[WignernessError] = InvalidNetworkError,
) -> ComplexArray:
    """Return a fresh finite complex array of the given shape (None: any extent)."""
    array = _numeric(name, value, np.complex128, error)
    _check_array(name, array, shape, error)
    return array


def real_array(
    name: str,
    value: Any,
    shape: Sequence[int | None] | None = None,
    *,
    minimum: float = -math.inf,
    error: type[WignernessError] = InvalidNetworkError,
) -> RealArray:
    """Return a fresh finite real array of the given shape with entries >= minimum."""
    array = _numeric(name, value, np.float64, error)
    _check_array(name, array, shape, error)
    if minimum > -math.inf and (array < minimum).any():
        low = np.argwhere(array < minimum)
        index = "".join(f"[{i}]" for i in low[0])
        rule = "be non-negative" if minimum == 0 else f"be at least {minimum:g}"
        fail(f"{name}{index}", rule, array[tuple(low[0])], error)
    return array


def read_only(array: A) -> A:
    """Mark an array, dense or sparse, read-only and return it."""
    storage: Any = array if isinstance(array, np.ndarray) else array.data  # type: ignore[attr-defined]
    storage.flags.writeable = False
    return array


def has_nonzero(array: np.ndarray) -> bool:
    """Whether any element is not zero, without a look at each where one number stands for all (a broadcast zero)."""
    if array.size and not any(array.strides):
        return bool(array.flat[0] != 0)
    return bool(np.any(array))


def first_nonzero(name: str, array: np.ndarray) -> str:
    """Say which element of an array is the first that is not zero, and what it is; empty if none is.

    Examples
    --------
    >>> first_nonzero("drive", np.array([0.0, 0.3 + 0j]))
    '`drive[1]` is 0.3'
    """
    if not has_nonzero(array):
        return ""
    index = tuple(int(k) for k in np.argwhere(array)[0])
    value = complex(array[index])
    shown = f"{value.real:.6g}" if value.imag == 0.0 else f"{value:.6g}"
    return f"`{name}[{', '.join(map(str, index))}]` is {shown}"


def generator(name: str, value: Any) -> np.random.Generator:
    """Return ``value`` as a Generator, or one seeded with it."""
    try:
        return np.random.default_rng(value)
    except (TypeError, ValueError):
        fail(name, "be a seed (a non-negative integer) or a numpy Generator", repr(value))


def sequence(
    name: str, value: Any, of: str = "", error: type[WignernessError] = InvalidNetworkError
) -> tuple[Any, ...]:
    """Return ``value`` as a tuple; what cannot be walked through, and single strings, are refused."""
    rule = f"be a sequence of {of}" if of else "be a sequence"
    if isinstance(value, (str, bytes)):
        fail(name, rule, repr(value), error)
    try:
        return tuple(value)
    except TypeError:
        fail(name, rule, repr(value), error)


def representable(quantity: str, *, may_be_infinite: bool = False) -> Callable[[Callable[P, A]], Callable[P, A]]:
    """Decorate a function that computes a quantity: what overflows on the way raises, and so does what is no number.

    Parameters
    ----------
    quantity : str
        Its name, for the message.
    may_be_infinite : bool
        Whether plus or minus infinity is an answer.
    """

    def decorate(function: Callable[P, A]) -> Callable[P, A]:
        @functools.wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> A:
            try:
                with np.errstate(over="raise", invalid="raise", divide="raise"):
                    value = function(*args, **kwargs)
            except (FloatingPointError, OverflowError):
                raise _too_large(quantity) from None
            except np.linalg.LinAlgError:
                raise InvalidStateError(
                    f"The {quantity} cannot be computed: the covariance is not positive definite to working precision. "
                    "The state is unphysical, or squeezed or entangled so strongly that double precision does not hold it."
                ) from None
            except ValueError as error:
                if "must not contain infs" not in str(error):  # SciPy's word for an overflow before
                    raise
                raise _too_large(quantity) from None
            if not _is_number(value, may_be_infinite):
                raise _too_large(quantity)
            return value

        return checked

    return decorate


def _too_large(quantity: str) -> UndefinedQuantityError:
    return UndefinedQuantityError(
        f"The {quantity} cannot be computed in double precision: numbers on the way to it overflow. Choose units in which "
        "rates and frequencies are of moderate size, and check for occupations or amplitudes beyond reason."
    )


def _is_number(value: Any, may_be_infinite: bool) -> bool:
    if isinstance(value, tuple):
        return all(_is_number(part, may_be_infinite) for part in value)
    values = value.data if hasattr(value, "tocsr") else value
    if not isinstance(values, (float, np.ndarray, np.number)):
        return True  # an object that has checked its own numbers
    return not np.isnan(values).any() if may_be_infinite else bool(np.isfinite(values).all())

"""The tables of a spec file as pydantic models: which keys there are and what each may hold."""

from __future__ import annotations

import functools
import inspect
import math
import re
import typing
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Literal, Self, TypeAlias, TypeVar

import numpy as np
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    WithJsonSchema,
    create_model,
    model_validator,
)
from pydantic.json_schema import models_json_schema

from .faults import Faults, Path, nearest, show
from .theory_tables import THEORIES, options_of

SchemaT = TypeVar("SchemaT", bound="Table")

# --- what a value may be --------------------------------------------------------------------------


def _printable(text: str) -> str:
    if text.strip() and text.isprintable():
        return text
    raise ValueError(f"must be one line of printable text, but is {show(text)}")


def _node(value: Any) -> int | str:
    if isinstance(value, (int, str)) and not isinstance(value, bool):
        return value
    raise ValueError(f"must be the label or the index of a node, but is {show(value)}")


def _nodes(value: Any) -> list[int | str] | Literal["all"]:
    if value == "all":
        return "all"
    if isinstance(value, list) and value:
        return [_node(item) for item in value]
    raise ValueError(f'must be "all" or an array of labels or indices of nodes, but is {show(value)}')


def _complex(value: Any) -> complex:
    parts = value if isinstance(value, list) and len(value) == 2 else [value]
    try:
        numbers = [math.nan if isinstance(part, (bool, str)) else float(part) for part in parts]
    except (TypeError, ValueError, OverflowError):
        numbers = [math.nan]
    if all(math.isfinite(number) for number in numbers):
        return complex(*numbers)
    raise ValueError(f"must be a finite number or [real part, imaginary part], but is {show(value)}")


def _numbers(value: Any, *, non_negative: bool) -> Any:
    """Return a number, or a list of numbers; where negative ones make sense, complex ones do too."""
    items = value if isinstance(value, list) else [value]
    for position, item in enumerate(items):
        where = f"element {position} " if isinstance(value, list) else ""
        try:
            number = _complex(item)
        except ValueError as error:
            raise ValueError(f"{where}{error}") from None
        if non_negative and (isinstance(item, list) or number.real < 0):
            raise ValueError(f"{where}must be non-negative, but is {show(item)}")
    numbers = [_complex(item) if isinstance(item, list) else float(item) for item in items]
    return numbers if isinstance(value, list) else numbers[0]


def _one_or_many(kind: type, words: str, value: Any) -> Any:
    items = value if isinstance(value, list) and value else [value]
    if all(type(item) is kind for item in items):
        return value
    raise ValueError(f"must be {words} or an array of such, but is {show(value)}")


def _end(value: Any) -> int | float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= _LARGEST_SWEPT:
        return value
    raise ValueError(f"must be a finite number, but is {show(value)}")


def _places(value: Any) -> Any:
    items = value if isinstance(value, list) and value else [value]
    if all(isinstance(item, str) for item in items):
        return value
    raise ValueError(f"must be a place in the spec or an array of such, but is {show(value)}")


def _swept(value: Any) -> Any:
    """Return a value of an axis; arrays become tuples."""
    if isinstance(value, list):
        return tuple(_swept(item) for item in value)
    if isinstance(value, (bool, str)) or (isinstance(value, (int, float)) and abs(value) <= _LARGEST_SWEPT):
        return value
    raise ValueError(f"must be a finite number, text, a truth value, or an array of such, but is {show(value)}")


_LARGEST_SWEPT = 1e300
_SWEPT_SCHEMA: dict[str, Any] = {"type": ["number", "string", "boolean", "array"]}
_PLACES_SCHEMA: dict[str, Any] = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]
}
_NODE_SCHEMA: dict[str, Any] = {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string"}]}
_PAIR_SCHEMA: dict[str, Any] = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
_NODES_SCHEMA: dict[str, Any] = {"anyOf": [{"const": "all"}, {"type": "array", "items": _NODE_SCHEMA, "minItems": 1}]}
_NUMBERS_SCHEMA: dict[str, Any] = {
    "anyOf": [{"type": "number"}, {"type": "array", "items": {"anyOf": [{"type": "number"}, _PAIR_SCHEMA]}}]
}
# Parameters of models that are rates, occupations, widths or probabilities.
_NON_NEGATIVE = frozenset(
    ("rate", "rates", "occupations", "probe_rate", "connectivity", "frequency_spread", "bath_density", "probe_density")
)

Text: TypeAlias = Annotated[str, AfterValidator(_printable)]
Rate: TypeAlias = Annotated[float, Field(ge=0)]
Node: TypeAlias = Annotated[int | str, PlainValidator(_node), WithJsonSchema(_NODE_SCHEMA)]
Nodes: TypeAlias = Annotated[Any, PlainValidator(_nodes), WithJsonSchema(_NODES_SCHEMA)]
Complex: TypeAlias = Annotated[
    complex, PlainValidator(_complex), WithJsonSchema({"anyOf": [{"type": "number"}, _PAIR_SCHEMA]})
]

End: TypeAlias = Annotated[int | float, PlainValidator(_end), WithJsonSchema({"type": "number"})]

# --- the tables -----------------------------------------------------------------------------------


class Table(BaseModel):
    """A table of a spec: unknown keys are faults, and no value is converted in silence."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


class NodeTable(Table):
    """A node: one harmonic mode."""

    label: Text = Field(description="Name of the node; must be unique.")
    frequency: float = Field(0.0, description="Frequency of the mode, H_kk.")


class EdgeTable(Table):
    """An edge: the hopping between two nodes."""

    between: list[Node] = Field(min_length=2, max_length=2, description="The two nodes [a, b].")
    hopping: Complex = Field(description="H_ab, a number or [real part, imaginary part]; H_ba is its conjugate.")
    phase: float = Field(0.0, description="H_ab = hopping exp(i phase), in radians.")


class PairingTable(Table):
    """A squeezing term: one mode with itself, or two modes."""

    between: list[Node] = Field(min_length=2, max_length=2, description="The two nodes [a, b]; twice the same for one.")
    value: Complex = Field(description="Delta_ab = Delta_ba, a number or [real part, imaginary part].")


class DriveTable(Table):
    """A coherent drive of one node."""

    node: Node = Field(description="The node: its label, or its index from 0.")
    amplitude: Complex = Field(description="epsilon, a number or [real part, imaginary part].")


class NetworkTable(Table):
    """What a network of any form may have beside its Hamiltonian."""

    pairing: list[PairingTable] = []
    drive: list[DriveTable] = []


class ExplicitTable(NetworkTable):
    """A network given node by node and edge by edge."""

    nodes: list[NodeTable] = Field(min_length=1)
    edges: list[EdgeTable] = []


class GraphTable(NetworkTable):
    """A network read from a graph file."""

    graph: Text = Field(description="GraphML (.graphml) or edge list (.edges), relative to the spec.")
    frequency: float = Field(0.0, description="Frequency of the nodes that have none in the file.")
    hopping: Complex | None = Field(None, description="Hopping of the edges that have none in the file.")


class MatrixTable(NetworkTable):
    """A network read from a Hamiltonian matrix."""

    matrix: Text = Field(description="Hermitian matrix H, dense (.npy) or sparse (.npz), relative to the spec.")
    labels: list[Text] | None = Field(None, description='Labels of the nodes; the default is "0", "1", ...')


class JumpTable(Table):
    """A jump operator: the sum of u_i a_i + v_i a_i^+ over nodes."""

    u: dict[str, Complex] = Field({}, description="Amplitudes of absorption by label of the node.")
    v: dict[str, Complex] = Field({}, description="Amplitudes of emission by label of the node.")


class SpectrumTable(Table):
    """How strongly a bath damps at which frequency, relative to its reference frequency."""

    kind: Literal["flat", "ohmic", "lorentzian"] = Field(description="The same everywhere, a power, a resonance.")
    cutoff: Annotated[float, Field(gt=0)] | None = Field(None, description="For `ohmic`: cutoff frequency.")
    exponent: Annotated[float, Field(gt=0)] | None = Field(
        None, description="For `ohmic`: the power of the frequency; the default is 1."
    )
    sharp: bool | None = Field(None, description="For `ohmic`: whether it ends at the cutoff; a Drude tail otherwise.")
    center: float | None = Field(None, description="For `lorentzian`: frequency of the peak.")
    width: Annotated[float, Field(gt=0)] | None = Field(
        None, description="For `lorentzian`: full width at half maximum."
    )


class BathTable(Table):
    """A bath on one node, or one on each of several nodes; a bath of jump operators names its nodes there."""

    node: Node | None = Field(None, description="The node: its label, or its index from 0.")
    nodes: Nodes = Field(None, description='In place of `node`: "all", or an array of nodes that get one bath each.')
    kind: Literal["thermal", "probe", "squeezed", "jump", "dephasing"] = Field(
        "thermal",
        description="A thermal bath, a probe (self-consistent reservoir), a squeezed bath, a bath given by its jump "
        "operators, or pure dephasing.",
    )
    rate: Rate | None = Field(None, description="Damping or dephasing rate; all but jump operators need it.")
    occupation: Rate | None = Field(None, description="Occupation of the bath; a probe without one finds its own.")
    anomalous: Complex | None = Field(None, description="With `occupation`, for a squeezed bath: <aa>.")
    thermal_occupation: Rate | None = Field(None, description="For a squeezed bath: its occupation before squeezing.")
    r: float | None = Field(None, description="With `thermal_occupation`: squeezing parameter.")
    angle: float | None = Field(None, description="With `r`: squeezing angle in radians; the default is 0.")
    jumps: list[JumpTable] | None = Field(None, min_length=1, description="The jump operators of one bath.")
    temperature: Rate | None = Field(None, description="In place of `occupation`, for a thermal bath.")
    frequency: float | None = Field(
        None,
        gt=0,
        description="With `temperature` or `spectrum`: the frequency at which rate and occupation hold; the default is "
        "that of the node.",
    )
    spectrum: SpectrumTable | None = Field(None, description="Spectral density of a thermal bath; the default is flat.")
    name: Text | None = Field(None, description="Name of the bath in tables.")


class SolverTable(Table):
    """How the steady state is computed."""

    kind: Literal["auto", "dense", "batch", "banded", "adi"] = "auto"
    tolerance: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        None, description="For `banded` and `adi`: the error aimed at, relative to the largest occupation."
    )
    extended: bool | None = Field(None, description="For `dense`: refine beyond double precision.")
    estimate: bool | None = Field(None, description="For `dense`: estimate the separation, on which the bound rests.")
    largest: Annotated[int, Field(ge=1)] | None = Field(
        None, description="For `batch`: modes of the largest network that is solved in a stack."
    )

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        own = {"banded": ["tolerance"], "adi": ["tolerance"], "dense": ["extended", "estimate"], "batch": ["largest"]}
        for name in self.options():
            if name not in own.get(self.kind, []):
                kinds = " or ".join(f"`{kind}`" for kind, names in own.items() if name in names)
                raise ValueError(f"`{name}` is an option of {kinds}, but the kind is `{self.kind}`")
        return self

    def options(self) -> dict[str, Any]:
        """What is said besides the kind."""
        return self.model_dump(exclude={"kind"}, exclude_none=True)


class ComputeTable(Table):
    """What is computed."""

    quantities: list[str] | None = Field(None, min_length=1, description="The default is all that are defined.")


class AxisTable(Table):
    """Values that a parameter takes in turn: listed, or from start to stop."""

    parameter: Annotated[Any, PlainValidator(_places), WithJsonSchema(_PLACES_SCHEMA)] = Field(
        description='The place in the spec, such as "network.length" or "baths[0].rate"; or several that go together.'
    )
    values: list[Annotated[Any, PlainValidator(_swept), WithJsonSchema(_SWEPT_SCHEMA)]] | None = Field(
        None, min_length=1, description="The values."
    )
    start: End | None = Field(None, description="In place of `values`: the first.")
    stop: End | None = Field(None, description="The last.")
    points: int | None = Field(None, ge=2, le=10**6, description="How many, both ends included.")
    spacing: Literal["linear", "logarithmic"] = Field("linear", description="Of the values between start and stop.")
    name: Text | None = Field(None, description="Name of the axis; the default is the last word of the place.")
    along: Text | None = Field(None, description="Dimension. Axes along the same one go together, value by value.")
    unit: Text | None = Field(None, description="Unit, for labels.")
    description: Text | None = Field(None, description="One line on what the parameter is.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ends = (self.start, self.stop, self.points)
        if (self.values is None) == any(end is None for end in ends) or (
            self.values is not None and ends != (None,) * 3
        ):
            raise ValueError("must have either `values`, or `start`, `stop` and `points`")
        start, stop = self.start or 0, self.stop or 0
        if self.spacing == "logarithmic" and self.values is None and not (min(start, stop) > 0 or max(start, stop) < 0):
            raise ValueError("must have ends of one sign for logarithmic spacing, not zero")
        return self


class SweepTable(Table):
    """Parameters that take many values; all combinations, but for axes along the same dimension."""

    axes: list[AxisTable] = Field(min_length=1)
    seed: int | None = Field(None, ge=0, description="Draws `network.rng` anew for every point, from this seed.")


class StartTable(Table):
    """The state at time zero."""

    kind: Literal["vacuum", "thermal", "coherent", "squeezed"]
    occupations: float | list[float] | None = Field(None, description="Thermal: one for all nodes, or one for each.")
    amplitudes: list[Complex] | None = Field(None, description="Coherent: one for each node, as a number or [re, im].")
    r: float | list[float] | None = Field(None, description="Squeezed: strength, one for all nodes or one for each.")
    angle: float | list[float] = Field(0.0, description="Squeezed: angle, radian.")

    @model_validator(mode="after")
    def _what_it_needs(self) -> Self:
        needed = {"thermal": "occupations", "coherent": "amplitudes", "squeezed": "r"}.get(self.kind)
        for name in ("occupations", "amplitudes", "r"):
            if (getattr(self, name) is not None) != (name == needed):
                raise ValueError(f"of kind {self.kind!r} must{' not' * (name != needed)} have `{name}`")
        return self


class EvolveTable(Table):
    """A run in time: from a state, to times that are listed or spaced."""

    start: StartTable
    times: list[Annotated[float, Field(ge=0)]] | None = Field(
        None, min_length=1, max_length=10**5, description="Times."
    )
    first: Annotated[float, Field(ge=0)] = Field(0.0, description="In place of `times`: the first.")
    last: Annotated[float, Field(gt=0)] | None = Field(None, description="The last.")
    points: int | None = Field(None, ge=2, le=10**5, description="How many, both ends included.")
    spacing: Literal["linear", "logarithmic"] = "linear"
    follow: bool = Field(
        False, description="Free probes follow the instantaneous occupation, in place of the final one."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.times is None) == (self.last is None) or (self.last is None) != (self.points is None):
            raise ValueError("must have either `times`, or `last` and `points` (and `first`)")
        if self.last is not None and not self.first < self.last:
            raise ValueError("must have `first` before `last`")
        if self.spacing == "logarithmic" and self.first == 0.0:
            raise ValueError("must have a positive `first` for logarithmic spacing")
        return self


class TrajectoriesTable(Table):
    """Trajectories from the start and to the times of `[evolve]`."""

    number: int = Field(ge=1, le=10**8, description="How many are drawn.")
    seed: int = Field(ge=0, description="The same seed gives the same numbers.")


class SpecTable(Table):
    """A whole spec."""

    title: Text | None = Field(None, description="One line on what this is.")
    description: str | None = Field(None, description="Any text.")
    unit: Text = Field("rate", description="Unit of the rates, frequencies and hoppings, for tables and files.")
    network: dict[str, Any]
    baths: list[BathTable] = []
    solver: SolverTable = SolverTable.model_validate({})
    theory: dict[str, Any] | None = Field(
        None, description="By which theory; the default is the local master equation."
    )
    compute: ComputeTable = ComputeTable(quantities=None)
    sweep: SweepTable | None = None
    evolve: EvolveTable | None = None
    trajectories: TrajectoriesTable | None = None

    @model_validator(mode="after")
    def _trajectories_need_times(self) -> Self:
        if self.trajectories is not None and self.evolve is None:
            raise ValueError(
                "must have a section [evolve] where there is one [trajectories]: it says from where to when"
            )
        return self


# --- the options of a theory, from its fields -------------------------------------------------------


@functools.cache
def theory_table() -> type[Table]:
    """Return the table of a theory: its keys are the options of all theories."""
    users: dict[str, list[str]] = {}
    for kind in THEORIES:
        for name in options_of(kind):
            users.setdefault(name, []).append(kind)
    fields: dict[str, Any] = {"kind": (Literal[tuple(THEORIES)], Field(description="The theory."))}
    for name, kinds in users.items():
        plain = options_of(kinds[0])[name]
        # infinity means something for some; what does not is refused by the theory itself
        value = Annotated[float, Field(allow_inf_nan=True)] if plain is float else plain
        words = " and ".join(f"`{kind}`" for kind in kinds)
        fields[name] = (value | None, Field(None, description=f"Option of {words}, as in wignerness.theories."))
    return create_model("TheoryTable", __base__=Table, __doc__="A theory of the steady state.", **fields)


# --- the parameters of a model, from the signature of its function ---------------------------------


@functools.cache
def parameter_table(name: str, function: Callable[..., Any]) -> type[Table]:
    """Return the table of a named model: its keys are the parameters of the function that a file can say."""
    hints = typing.get_type_hints(function)
    fields: dict[str, Any] = {"model": (Literal[name], ...)}
    for parameter in inspect.signature(function).parameters.values():
        kind = _toml_type(parameter.name, hints[parameter.name])
        if kind is not None:
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            fields[parameter.name] = (kind, default)
    title = name.title().replace("_", "") + "Table"
    return create_model(title, __base__=NetworkTable, __doc__=f"The model `{name}`.", **fields)


def arguments(table: Table) -> dict[str, Any]:
    """Return what the file says of a model's parameters, as keyword arguments."""
    return {name: getattr(table, name) for name in table.model_fields_set - {"model", "pairing", "drive"}}


def _toml_type(name: str, hint: Any) -> Any:
    """Return what a TOML file may hold for a parameter; None if a file cannot say it."""
    if hint is Any or hint == Sequence[float]:
        values: Any = partial(_numbers, non_negative=name in _NON_NEGATIVE)
        return Annotated[Any, PlainValidator(values), WithJsonSchema(_NUMBERS_SCHEMA)]
    parts = typing.get_args(hint)
    if np.random.Generator in parts:
        return Annotated[int, Field(ge=0)]
    for item, words in ((int, "an integer"), (bool, "true or false")):
        if set(parts) == {item, Sequence[item]}:  # type: ignore[valid-type]
            schema = {"type": "integer" if item is int else "boolean"}
            both = {"anyOf": [schema, {"type": "array", "items": schema, "minItems": 1}]}
            return Annotated[Any, PlainValidator(partial(_one_or_many, item, words)), WithJsonSchema(both)]
    if hint is float and name in _NON_NEGATIVE:
        return Rate
    return hint if hint in (int, float, bool) else None


# --- from pydantic's errors to ours -----------------------------------------------------------------

_RULES = {
    "float_type": "be a number",
    "int_type": "be an integer",
    "string_type": "be text",
    "bool_type": "be true or false",
    "list_type": "be an array",
    "dict_type": "be a table",
    "model_type": "be a table",
    "finite_number": "be finite",
}


def validate(schema: type[SchemaT], raw: object, faults: Faults, at: Path = ()) -> SchemaT | None:
    """Return a validated table, or None after noting every fault."""
    try:
        return schema.model_validate(raw)
    except ValidationError as error:
        for entry in error.errors(include_url=False):
            path = (*at, *entry["loc"])
            if entry["type"] == "extra_forbidden":
                faults.add_unknown(path, "key", str(path[-1]), _valid_keys(schema, entry["loc"][:-1]))
            else:
                faults.add(path, _message(entry))
        return None


def accepted(schema: type[SchemaT], raw: object) -> SchemaT | None:
    """Return a validated table, or None if it has faults, which are noted elsewhere."""
    try:
        return schema.model_validate(raw)
    except ValidationError:
        return None


def schema(forms: Sequence[type[Table]], quantities: Sequence[str]) -> dict[str, Any]:
    """Return the JSON schema of a whole spec, its network in one of several forms."""
    every: list[type[BaseModel]] = [SpecTable, theory_table(), *forms]
    inputs: list[tuple[type[BaseModel], Literal["validation"]]] = [(form, "validation") for form in every]
    references, rest = models_json_schema(inputs)
    definitions = rest["$defs"]
    whole = definitions.pop(SpecTable.__name__)
    whole["properties"]["network"] = {"oneOf": [references[form, "validation"] for form in forms]}
    whole["properties"]["theory"] |= {"anyOf": [references[theory_table(), "validation"], {"type": "null"}]}
    names = {"type": "array", "items": {"enum": list(quantities)}, "minItems": 1}
    definitions[ComputeTable.__name__]["properties"]["quantities"] |= {"anyOf": [names, {"type": "null"}]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole, "$defs": definitions}


def _message(error: Mapping[str, Any]) -> str:
    kind, context, value = error["type"], error.get("ctx", {}), show(error["input"])
    if kind == "value_error":
        return str(context["error"])
    if kind == "missing":
        return "is missing"
    if kind == "literal_error":
        remark = nearest(str(error["input"]), re.findall(r"'([^']*)'", context["expected"]))
        return f"must be {context['expected']}, but is {value}; {remark}"
    if kind in ("greater_than", "greater_than_equal"):
        rule = "be positive" if kind == "greater_than" else f"be at least {context['ge']:g}"
        return f"must {rule.replace('at least 0', 'non-negative')}, but is {value}"
    if kind in ("too_short", "too_long"):
        least, most = context.get("min_length"), context.get("max_length")
        count = f"at most {most}" if least is None else f"at least {least}"
        return f"must have {count} elements, but has {context['actual_length']}"
    return f"must {_RULES.get(kind, error['msg'])}, but is {value}"


def _valid_keys(schema: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    current = schema
    for part in location:
        if isinstance(part, str):
            current = _table_in(current.model_fields[part].annotation)
    return list(current.model_fields)


def _table_in(annotation: Any) -> type[BaseModel]:
    while not (inspect.isclass(annotation) and issubclass(annotation, BaseModel)):
        annotation = typing.get_args(annotation)[0]
    return annotation

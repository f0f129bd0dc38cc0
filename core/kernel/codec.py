"""Records to canonical JSON and back: command bodies, flow states, contents of print jobs.

A record is a frozen dataclass, or a named tuple where a file brings half a million of them. One value has one text: keys
sorted, no blanks, UTF-8, whole numbers only. A record is tagged with its class name under ``"is"``; bytes are
lower-case hex. Floats are refused, since two machines may print them apart.
"""

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import orjson

T = TypeVar("T")

TAG = "is"


class CodecError(ValueError):
    """A value does not fit the declared type; the message names type and value."""


def canonical(data: object) -> str:
    """Return the one JSON text of plain data.

    Raises:
        CodecError: something without a JSON form is inside, or an integer of more than 64 bits.
    """
    try:
        return orjson.dumps(data, option=orjson.OPT_SORT_KEYS).decode()
    except orjson.JSONEncodeError as e:
        raise CodecError(f"no canonical form: {e}") from e


def encode(value: object) -> Any:
    """Return plain data for a value: dataclasses become objects, tuples lists, bytes hex.

    Raises:
        CodecError: the value has no JSON form.
    """
    return _encoder(type(value))(value)


def _make_encoder(kind: type) -> Callable[[Any], Any]:
    """Return what encodes values of a type; found once a type, since imports encode millions."""
    if issubclass(kind, Enum):
        return attrgetter("_value_")
    if kind in (type(None), bool) or issubclass(kind, int | str):
        return lambda value: value
    if issubclass(kind, bytes):
        return bytes.hex
    if _is_record(kind):
        return _record_encoder(kind)
    if issubclass(kind, tuple | list):
        return lambda value: [_encoder(type(each))(each) for each in value]
    if issubclass(kind, Mapping):
        return lambda value: {str(key): encode(each) for key, each in value.items()}
    raise CodecError(f"{kind.__name__} has no JSON form")


def _is_record(kind: Any) -> bool:
    return isinstance(kind, type) and (is_dataclass(kind) or (issubclass(kind, tuple) and hasattr(kind, "_fields")))


_encoder: Callable[[type], Callable[[Any], Any]] = cache(_make_encoder)


def _record_encoder(kind: type) -> Callable[[Any], Any]:
    """Return what makes an object of a record, written out as one expression: a file brings half a million.

    Its keys stand in the order of the text already: sorting what is sorted costs next to nothing.
    """
    names, hints = _names(kind), get_type_hints(kind)
    places = {name: f"_{n}" for n, name in enumerate(names)}
    if issubclass(kind, tuple):
        taken = f"[{','.join(places.values())}] = value"
    else:
        taken = ";".join(f"{place} = value.{name}" for name, place in places.items())
    parts = {name: _expression(hints[name], place) for name, place in places.items()} | {TAG: repr(kind.__name__)}
    words = ",".join(f"{name!r}: {parts[name]}" for name in sorted(parts))
    inside: dict[str, Any] = {"encoder": _encoder}
    exec(f"def build(value):\n    {taken}\n    return {{{words}}}", inside)  # noqa: S102  our own names
    return cast("Callable[[Any], Any]", inside["build"])


def _expression(hint: Any, place: str) -> str:
    """Return what encodes a field: as its declared type where it holds that, as what it is where it does not."""
    hint = getattr(hint, "__supertype__", hint)
    as_it_is = f"encoder(type({place}))({place})"
    if hint in (int, str):
        return f"{place} if type({place}) is {hint.__name__} else {as_it_is}"
    if hint is bytes:
        return f"{place}.hex() if type({place}) is bytes else {as_it_is}"
    return as_it_is


def to_text(value: object) -> str:
    """Return the canonical JSON text of a value."""
    return canonical(encode(value))


def decode(kind: type[T], data: object) -> T:
    """Return the value of type `kind` that plain data stands for.

    Raises:
        CodecError: the data do not fit the type.
    """
    return cast("T", _decoder(cast("Any", kind))(data))


def parse(text: str) -> Any:
    """Return the plain data of a JSON text."""
    return orjson.loads(text)


def from_text(kind: type[T], text: str) -> T:
    """Return the value of type `kind` that a JSON text stands for.

    Raises:
        CodecError: the text does not fit the type.
    """
    return decode(kind, orjson.loads(text))


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else cast("Any", kind)._fields


@cache
def _decoder(kind: Any) -> Callable[[Any], Any]:
    origin, args = get_origin(kind), get_args(kind)
    if hasattr(kind, "__supertype__"):
        return _decoder(kind.__supertype__)
    if hasattr(kind, "__value__"):
        return _decoder(kind.__value__)
    if origin in (Union, types.UnionType):
        return _union_decoder(args)
    if origin is tuple:
        return _tuple_decoder(args)
    if origin in (dict, Mapping) or (isinstance(origin, type) and issubclass(origin, Mapping)):
        value_of = _decoder(args[1])
        return lambda data: {key: value_of(each) for key, each in _as(dict, data).items()}
    if isinstance(kind, type):
        return _class_decoder(kind)
    raise CodecError(f"no decoder for {kind!r}")


def _class_decoder(kind: type) -> Callable[[Any], Any]:
    if issubclass(kind, Enum):
        return kind
    if issubclass(kind, bytes):
        return lambda data: bytes.fromhex(_as(str, data))
    if kind is type(None):
        return _nothing
    if kind in (bool, int, str):
        return lambda data: _as(kind, data)
    if _is_record(kind):
        return _record_decoder(kind)
    raise CodecError(f"no decoder for {kind!r}")


def _nothing(data: object) -> None:
    if data is not None:
        raise CodecError(f"expected null, got {data!r}")


def _as(kind: type[T], data: object) -> T:
    if type(data) is not kind:
        raise CodecError(f"expected {kind.__name__}, got {data!r}")
    return data


def _record_decoder(kind: type) -> Callable[[Any], Any]:
    """Return what makes a record of an object. What has all its fields is made by one expression, written out by their types."""
    made: list[Callable[[Any], Any]] = []

    def build(data: object) -> object:
        if not made:
            # At its first use: a record may hold others of its kind.
            made.append(_whole_record_decoder(kind))
        plain = _as(dict, data)
        try:
            return made[0](plain)
        except KeyError:
            return _part_record(kind, plain)

    return build


def _whole_record_decoder(kind: type) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    inside: dict[str, Any] = {"kind": kind, "new": object.__new__, "fromhex": bytes.fromhex, "fit": _as}
    values = {}
    for n, name in enumerate(_names(kind)):
        hint, given = getattr(hints[name], "__supertype__", hints[name]), f"data[{name!r}]"
        if hint in (int, str):
            values[name] = f"_{n} if type(_{n} := {given}) is {hint.__name__} else fit({hint.__name__}, _{n})"
        elif hint is bytes:
            values[name] = f"fromhex(_{n} if type(_{n} := {given}) is str else fit(str, _{n}))"
        else:
            inside[f"decode_{n}"] = _decoder(hints[name])
            values[name] = f"decode_{n}({given})"
    if is_dataclass(kind) and hasattr(kind, "__slots__") and not hasattr(kind, "__post_init__"):
        # Through the slots: a third of what a frozen record's own `__init__` takes.
        inside |= {f"set_{n}": getattr(kind, name).__set__ for n, name in enumerate(values)}
        sets = "".join(f"    set_{n}(made, {value})\n" for n, value in enumerate(values.values()))
        body = f"    made = new(kind)\n{sets}    return made"
    else:
        body = f"    return kind({', '.join(f'{name}={value}' for name, value in values.items())})"
    exec(f"def build(data):\n{body}", inside)  # noqa: S102  our own names
    return cast("Callable[[Any], Any]", inside["build"])


def _part_record(kind: type, plain: Mapping[str, Any]) -> object:
    """Return a record of an object that lacks fields, which have a default where all is well."""
    hints = get_type_hints(kind)
    try:
        return kind(**{name: _decoder(hints[name])(plain[name]) for name in _names(kind) if name in plain})
    except TypeError as e:
        raise CodecError(f"{kind.__name__}: {e}") from e


def _tuple_decoder(args: tuple[Any, ...]) -> Callable[[Any], Any]:
    if len(args) == 2 and args[1] is Ellipsis:
        each = _decoder(args[0])
        return lambda data: tuple(map(each, _as(list, data)))
    parts = tuple(_decoder(arg) for arg in args)
    return lambda data: tuple(part(one) for part, one in zip(parts, _as(list, data), strict=True))


def _union_decoder(args: tuple[Any, ...]) -> Callable[[Any], Any]:
    by_tag = {arg.__name__: arg for arg in _flat(args) if _is_record(arg)}
    plain = [arg for arg in _flat(args) if arg not in by_tag.values() and arg is not type(None)]

    def build(data: object) -> object:
        if data is None:
            return None
        if isinstance(data, dict) and by_tag:
            tag = data.get(TAG)
            if tag not in by_tag:
                raise CodecError(f"unknown kind {tag!r}, expected one of {sorted(by_tag)}")
            return _decoder(by_tag[cast("str", tag)])(data)
        for arg in plain:
            try:
                return _decoder(arg)(data)
            except (CodecError, ValueError):
                continue
        raise CodecError(f"{data!r} fits none of {args!r}")

    return build


def _flat(args: tuple[Any, ...]) -> list[Any]:
    flat: list[Any] = []
    for arg in args:
        inner = getattr(arg, "__value__", arg)
        if get_origin(inner) in (Union, types.UnionType):
            flat.extend(_flat(get_args(inner)))
        else:
            flat.append(inner)
    return flat

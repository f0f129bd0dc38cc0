"""Frozen dataclasses to canonical JSON and back: command bodies, flow states, contents of print jobs.

One value has one text: keys sorted, no blanks, UTF-8, whole numbers only. A dataclass inside a union is tagged with
its class name under ``"is"``; bytes are lower-case hex. Floats are refused, since two machines may print them apart.
"""

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")

TAG = "is"


class CodecError(ValueError):
    """A value does not fit the declared type; the message names type and value."""


def canonical(data: object) -> str:
    """Return the one JSON text of plain data.

    Raises:
        CodecError: a float or an unknown type is inside.
    """
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_refuse)


def _refuse(value: object) -> object:
    raise CodecError(f"{type(value).__name__} has no canonical form: {value!r}")


def encode(value: object) -> Any:
    """Return plain data for a value: dataclasses become objects, tuples lists, bytes hex."""
    match value:
        case None | bool() | str() if not isinstance(value, Enum):
            return value
        case Enum():
            return value.value
        case int():
            return value
        case bytes():
            return value.hex()
        case tuple() | list():
            return [encode(each) for each in value]
        case Mapping():
            return {str(key): encode(each) for key, each in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, type):
            kind = type(value)
            plain = {name: encode(getattr(value, name)) for name in _names(kind)}
            plain[TAG] = kind.__name__
            return plain
        case _:
            raise CodecError(f"{type(value).__name__} has no JSON form: {value!r}")


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
    return json.loads(text)


def from_text(kind: type[T], text: str) -> T:
    """Return the value of type `kind` that a JSON text stands for.

    Raises:
        CodecError: the text does not fit the type.
    """
    return decode(kind, json.loads(text))


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


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
    if is_dataclass(kind):
        return _dataclass_decoder(kind)
    raise CodecError(f"no decoder for {kind!r}")


def _nothing(data: object) -> None:
    if data is not None:
        raise CodecError(f"expected null, got {data!r}")


def _as(kind: type[T], data: object) -> T:
    if type(data) is not kind:
        raise CodecError(f"expected {kind.__name__}, got {data!r}")
    return data


def _dataclass_decoder(kind: type) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    parts: dict[str, Callable[[Any], Any]] = {}

    def build(data: object) -> object:
        if not parts:
            parts.update({name: _decoder(hints[name]) for name in _names(kind)})
        plain = _as(dict, data)
        try:
            return kind(**{name: part(plain[name]) for name, part in parts.items() if name in plain})
        except TypeError as e:
            raise CodecError(f"{kind.__name__}: {e}") from e

    return build


def _tuple_decoder(args: tuple[Any, ...]) -> Callable[[Any], Any]:
    if len(args) == 2 and args[1] is Ellipsis:
        each = _decoder(args[0])
        return lambda data: tuple(each(one) for one in _as(list, data))
    parts = tuple(_decoder(arg) for arg in args)
    return lambda data: tuple(part(one) for part, one in zip(parts, _as(list, data), strict=True))


def _union_decoder(args: tuple[Any, ...]) -> Callable[[Any], Any]:
    by_tag = {arg.__name__: arg for arg in _flat(args) if is_dataclass(arg) and isinstance(arg, type)}
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

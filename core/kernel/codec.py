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
    return _CANONICAL.encode(data)


def _refuse(value: object) -> object:
    raise CodecError(f"{type(value).__name__} has no canonical form: {value!r}")


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_refuse)


def encode(value: object) -> Any:
    """Return plain data for a value: dataclasses become objects, tuples lists, bytes hex.

    Raises:
        CodecError: the value has no JSON form.
    """
    return _encoder(type(value))(value)


def _make_encoder(kind: type) -> Callable[[Any], Any]:
    """Return what encodes values of a type; found once a type, since imports encode millions."""
    if issubclass(kind, Enum):
        return lambda value: value.value
    if kind in (type(None), bool) or issubclass(kind, int | str):
        return lambda value: value
    if issubclass(kind, bytes):
        return bytes.hex
    if issubclass(kind, tuple | list):
        return lambda value: [_encoder(type(each))(each) for each in value]
    if issubclass(kind, Mapping):
        return lambda value: {str(key): encode(each) for key, each in value.items()}
    if is_dataclass(kind):
        return _dataclass_encoder(kind)
    raise CodecError(f"{kind.__name__} has no JSON form")


_encoder: Callable[[type], Callable[[Any], Any]] = cache(_make_encoder)


def _dataclass_encoder(kind: type) -> Callable[[Any], Any]:
    names, tag = _names(kind), kind.__name__

    def build(value: object) -> dict[str, Any]:
        plain = {}
        for name in names:
            each = getattr(value, name)
            plain[name] = _encoder(type(each))(each)
        plain[TAG] = tag
        return plain

    return build


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

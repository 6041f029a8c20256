"""How the value of a field stands in a document, and in a record."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from typing import Protocol

    from typing_extensions import Self

    class Documented(Protocol):
        """A class whose instances stand in documents as objects."""

        @classmethod
        def from_document(cls, document: Mapping[str, Any]) -> Self: ...

        def to_dict(self) -> dict[str, Any]: ...


T_co = TypeVar("T_co", covariant=True)

_decoder = json.JSONDecoder()


def read_json(document: str) -> Any:
    """What the engine printed, so no white space is looked for around it."""
    return _decoder.raw_decode(document)[0]


MAX_EXACT_INTEGER = 2**53
"""Beyond it, documents carry an amount of nano-dollars as a string."""


def _as_it_is(value: Any) -> Any:
    return value


class Codec:
    """A pair of inverse functions, and how a record keeps a value that is given to it."""

    __slots__ = ("decode", "encode", "keep")

    def __init__(
        self,
        decode: Callable[[Any], Any],
        encode: Callable[[Any], Any],
        keep: Callable[[Any], Any] = _as_it_is,
    ) -> None:
        self.decode = decode
        self.encode = encode
        self.keep = keep


class Items(tuple[T_co, ...]):
    """A list of a record: as immutable as the record, and equal to a list of the same items."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return super().__eq__(tuple(other) if isinstance(other, list) else other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = tuple.__hash__


def _refuse(self: object, *_: object, **__: object) -> Any:
    raise TypeError("the data of a record is read-only; to_dict gives a copy")


class DataDict(dict[str, Any]):
    """An object in the data of a record: a dict that is as immutable as the record."""

    __slots__ = ()
    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return DataDict, (dict(self),)


class DataList(list[Any]):
    """An array in the data of a record: a list that is as immutable as the record."""

    __slots__ = ()
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = clear = extend = insert = pop = remove = reverse = sort = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(self))

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return DataList, (list(self),)


def freeze(value: Any) -> Any:
    """JSON that nobody can change."""
    if isinstance(value, Mapping):
        return DataDict((key, freeze(item)) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return DataList(map(freeze, value))
    return value


def decode_instant(text: str) -> datetime:
    if text[-1] == "Z":  # which fromisoformat takes only from Python 3.11 on
        return datetime.fromisoformat(text[:-1] + "+00:00")
    return datetime.fromisoformat(text).astimezone(timezone.utc)


def encode_instant(instant: datetime) -> str:
    """In milliseconds, as the contract has it; rounded down."""
    text = instant.astimezone(timezone.utc).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


def encode_usd(amount: Decimal) -> str:
    return format(amount, "f")


def encode_nano_usd(amount: int) -> int | str:
    return amount if abs(amount) <= MAX_EXACT_INTEGER else str(amount)


def copy_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: copy_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [copy_json(item) for item in value]
    return value


INSTANT = Codec(decode_instant, encode_instant)
DATE = Codec(date.fromisoformat, date.isoformat)
USD = Codec(Decimal, encode_usd)
NANO_USD = Codec(int, encode_nano_usd)
DATA = Codec(freeze, copy_json, freeze)
VALUE_LIST = Codec(Items, list, Items)


def record_of(kind: type[Documented]) -> Codec:
    return Codec(kind.from_document, lambda record: record.to_dict())


def record_or_value(kind: type[Documented]) -> Codec:
    """Of a field that holds a record or a plain value: an object is the record."""
    return Codec(
        lambda value: kind.from_document(value) if isinstance(value, dict) else value,
        lambda value: value.to_dict() if isinstance(value, kind) else value,
    )


def list_of(codec: Codec) -> Codec:
    decode, encode = codec.decode, codec.encode
    return Codec(
        lambda values: Items(map(decode, values)),
        lambda items: [encode(item) for item in items],
        Items,
    )


def nullable(codec: Codec) -> Codec:
    decode, encode = codec.decode, codec.encode
    return Codec(
        lambda value: None if value is None else decode(value),
        lambda value: None if value is None else encode(value),
        codec.keep,
    )

"""What every record shares: it is read from a document of the contract and gives it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NoReturn, TypeVar, overload

from ._codec import Codec, Items, copy_json

if TYPE_CHECKING:
    from typing_extensions import Self, dataclass_transform
else:

    def dataclass_transform(**_):
        return lambda decorator: decorator


T = TypeVar("T")
R = TypeVar("R", bound="Record")
F = TypeVar("F", bound="Frozen")


class LateFields:
    """Makes a class a dataclass when somebody first asks whether it is one.

    The module alone takes as long to import as half of this package, and to make the classes of
    `records` with it longer.
    """

    def __get__(self, instance: object, owner: type) -> Any:
        from dataclasses import dataclass

        dataclass(init=False, repr=False, eq=False)(owner)
        return owner.__dict__["__dataclass_fields__"]


@dataclass_transform(frozen_default=True)
def record(cls: type[F]) -> type[F]:
    """A frozen dataclass whose methods are its own."""
    cls.__dataclass_fields__ = LateFields()
    return cls


class Frozen:
    """Sets no attribute after it was made."""

    __dataclass_fields__: ClassVar[Any]

    def __setattr__(self, name: str, value: object) -> None:
        _refuse("assign to", name)

    def __delattr__(self, name: str) -> None:
        _refuse("delete", name)


def _refuse(change: str, name: str) -> NoReturn:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot {change} field {name!r}")


class Record(Frozen):
    """A document of the contract with typed fields. Immutable and hashable. Since 0.1.

    Fields are attributes; `record["class"]` reads one by its name in the contract, which differs
    where that name is a keyword of Python (`class_`, `from_`). Fields that this version does not
    know are in `to_dict` only.
    """

    _codecs: ClassVar[Mapping[str, Codec]] = {}
    """By attribute, where the value in the document is not the attribute's."""
    _attributes: ClassVar[Mapping[str, str]] = {}
    """Names in the contract to names of attributes."""
    _names: ClassVar[Mapping[str, str]] = {}
    """The reverse."""
    _optional: ClassVar[frozenset[str]] = frozenset()
    """Attributes that may be absent; they are None then, and absent again in `to_dict`."""
    _secret: ClassVar[frozenset[str]] = frozenset()
    """Attributes that `repr` does not show."""

    def __init_subclass__(cls) -> None:
        attributes = [name for name in cls.__annotations__ if not name.startswith("_")]
        cls._attributes = {name.rstrip("_"): name for name in attributes}
        cls._names = {name: name.rstrip("_") for name in attributes}
        cls._optional = frozenset(name for name in attributes if name in cls.__dict__)
        for name in cls._optional:  # else `__getattr__` would not be asked
            delattr(cls, name)

    def __init__(self, *values: Any, **named: Any) -> None:
        attributes = list(self._names)
        given = {
            **dict.fromkeys(self._optional),
            **dict(zip(attributes, values, strict=False)),
            **named,
        }
        if len(values) > len(attributes) or given.keys() != set(attributes):
            raise TypeError(f"{type(self).__name__} takes the fields {', '.join(attributes)}")
        for name, codec in self._codecs.items():
            if given[name] is not None:
                given[name] = codec.keep(given[name])
        self.__dict__.update(given)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """The record of a document as `to_dict` gives it. The document is the record's from now
        on: each field is read when it is first asked for.
        """
        record = object.__new__(cls)
        record.__dict__["_document"] = document
        return record

    if not TYPE_CHECKING:  # to whom it would mean that any attribute is there

        def __getattr__(self, attribute: str) -> Any:
            values = self.__dict__
            name = self._names.get(attribute)
            if name is None or "_document" not in values:
                raise AttributeError(f"{type(self).__name__} has no attribute {attribute!r}")
            value = values["_document"].get(name)
            codec = self._codecs.get(attribute)
            if codec is not None and (value is not None or attribute not in self._optional):
                value = codec.decode(value)
            values[attribute] = value
            return value

    def to_dict(self) -> dict[str, Any]:
        """The document of the contract: plain values that `json.dumps` takes. A copy."""
        if "_document" in self.__dict__:
            document: dict[str, Any] = copy_json(self.__dict__["_document"])
            return document
        document = {}
        for name, attribute in self._attributes.items():
            value = getattr(self, attribute)
            if value is None and attribute in self._optional:
                continue
            codec = self._codecs.get(attribute)
            document[name] = codec.encode(value) if codec else value
        return document

    def __getitem__(self, name: str) -> Any:
        return getattr(self, self._attributes[name])

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return all(getattr(self, a) == getattr(other, a) for a in self._attributes.values())

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, attribute) for attribute in self._attributes.values()))

    def __repr__(self) -> str:
        values = ((name, getattr(self, name)) for name in self._attributes.values())
        shown = (
            f"{name}={'...' if name in self._secret else repr(value)}"
            for name, value in values
            if value is not None or name not in self._optional
        )
        return f"{type(self).__name__}({', '.join(shown)})"


@record
class Page(Frozen, Generic[T]):
    """One page of a list. Iterable, with a length and an index. Since 0.1."""

    items: Items[T]
    next_cursor: str | None
    """The `cursor` of the next page; None on the last."""

    __match_args__ = ("items", "next_cursor")

    def __init__(self, items: Items[T], next_cursor: str | None) -> None:
        self.__dict__.update(items=items, next_cursor=next_cursor)

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((self.items, self.next_cursor))

    def __repr__(self) -> str:
        return f"Page(items={self.items!r}, next_cursor={self.next_cursor!r})"

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        return self.items[index]

    def to_dict(self: Page[R]) -> dict[str, Any]:
        """The document of the contract. A copy."""
        return {"items": [item.to_dict() for item in self.items], "next_cursor": self.next_cursor}


def page_of(record: type[R]) -> Callable[[Mapping[str, Any]], Page[R]]:
    decode_one = record.from_document

    def decode(document: Mapping[str, Any]) -> Page[R]:
        return Page(Items(map(decode_one, document["items"])), document["next_cursor"])

    return decode


def decode_text(document: Mapping[str, Any]) -> str:
    text: str = document["text"]
    return text


def decode_nothing(document: Mapping[str, Any]) -> None:
    return None

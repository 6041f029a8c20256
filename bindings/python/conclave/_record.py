"""What every record shares: it is read from a document of the contract and gives it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import FrozenInstanceError, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, overload

from ._codec import DATA, VALUE, Codec, Items

if TYPE_CHECKING:
    from typing_extensions import Self, dataclass_transform
else:

    def dataclass_transform(**_):
        return lambda decorator: decorator


T = TypeVar("T")
R = TypeVar("R", bound="Record")


class LateFields:
    """Makes a class a dataclass when somebody first asks whether it is one."""

    def __get__(self, instance: object, owner: type) -> Any:
        dataclass(init=False, repr=False, eq=False)(owner)
        return owner.__dict__["__dataclass_fields__"]


@dataclass_transform(frozen_default=True)
def record(cls: type[R]) -> type[R]:
    """A frozen dataclass whose methods are those of Record.

    What `dataclass` does at once for each class made most of the time of the import.
    """
    cls.__dataclass_fields__ = LateFields()
    return cls


class Record:
    """A document of the contract with typed fields. Immutable. Since 0.1.

    Fields are attributes; `record["class"]` reads one by its name in the contract, which differs
    where that name is a keyword of Python (`class_`, `from_`). Fields that this version does not
    know are attributes too, as they stand, and not in `to_dict`.
    """

    __dataclass_fields__: ClassVar[Any]

    _codecs: ClassVar[Mapping[str, Codec]] = {}
    """By attribute, where the value in the document is not the attribute's."""
    _attributes: ClassVar[Mapping[str, str]] = {}
    """Names in the contract to names of attributes."""
    _optional: ClassVar[frozenset[str]] = frozenset()
    """Attributes that may be absent; they are None then, and absent again in `to_dict`."""
    _decoders: ClassVar[tuple[tuple[str, str, Callable[[Any], Any]], ...]] = ()
    """Of fields that are not taken over as they stand: name, attribute, how to read it."""

    def __init_subclass__(cls) -> None:
        attributes = [name for name in cls.__annotations__ if not name.startswith("_")]
        cls._attributes = {name.rstrip("_"): name for name in attributes}
        cls._optional = frozenset(name for name in attributes if name in cls.__dict__)
        cls._decoders = tuple(
            (name, attribute, cls._codecs.get(attribute, VALUE).decode)
            for name, attribute in cls._attributes.items()
            if name != attribute or cls._codecs.get(attribute, DATA) is not DATA
        )

    def __init__(self, *values: Any, **named: Any) -> None:
        attributes = list(self._attributes.values())
        given = {
            **dict.fromkeys(self._optional),
            **dict(zip(attributes, values, strict=False)),
            **named,
        }
        if len(values) > len(attributes) or given.keys() != set(attributes):
            raise TypeError(f"{type(self).__name__} takes the fields {', '.join(attributes)}")
        self.__dict__.update(given)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """The record of a document as `to_dict` gives it."""
        record = object.__new__(cls)
        # Past the frozen attributes, and all at once: a reply has sixty.
        values = record.__dict__
        values.update(document)
        for name, attribute, decode in cls._decoders:
            if name in values:
                values[attribute] = decode(values.pop(name))
        return record

    def to_dict(self) -> dict[str, Any]:
        """The document of the contract: plain values that `json.dumps` takes. A copy."""
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

    def __setattr__(self, name: str, value: object) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return all(getattr(self, a) == getattr(other, a) for a in self._attributes.values())

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, attribute) for attribute in self._attributes.values()))

    def __repr__(self) -> str:
        values = ((name, getattr(self, name)) for name in self._attributes.values())
        shown = (f"{k}={v!r}" for k, v in values if v is not None or k not in self._optional)
        return f"{type(self).__name__}({', '.join(shown)})"


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list. Iterable, with a length and an index. Since 0.1."""

    items: Items[T]
    next_cursor: str | None
    """The `cursor` of the next page; None on the last."""

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

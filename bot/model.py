"""What every piece of content is: frozen, and closed to keys that nobody knows; and what all that is kept is."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

_set = object.__setattr__
"""What a frozen model refuses."""


class Model(BaseModel):
    """A part of a content file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Kept(BaseModel):
    """A part of what the store keeps. Unknown keys of a newer program are passed by."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's own, in a third of its time: a turn makes half a dozen copies, and all that they share is
        frozen."""
        assert not deep
        copy = self.__class__.__new__(self.__class__)
        _set(copy, "__dict__", {**self.__dict__, **update} if update else self.__dict__.copy())
        _set(copy, "__pydantic_fields_set__", self.__pydantic_fields_set__)
        _set(copy, "__pydantic_extra__", None)
        _set(copy, "__pydantic_private__", None)
        return copy

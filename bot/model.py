"""What every piece of content is: frozen, and closed to keys that nobody knows; and what all that is kept is."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict


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
        for name, value in (
            ("__dict__", {**self.__dict__, **(update or {})}),
            ("__pydantic_fields_set__", self.__pydantic_fields_set__),
            ("__pydantic_extra__", None),
            ("__pydantic_private__", None),
        ):
            object.__setattr__(copy, name, value)
        return copy

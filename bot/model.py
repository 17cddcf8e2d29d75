"""What every piece of content is: frozen, and closed to keys that nobody knows."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A part of a content file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

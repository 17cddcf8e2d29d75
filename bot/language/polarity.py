"""What a message may say of the thing that it names."""

from enum import Enum


class Polarity(Enum):
    """What the message says of the thing that it names."""

    present = "present"
    absent = "absent"
    gone = "gone"
    """It was there and is no more."""
    doubtful = "doubtful"
    dubious = "dubious"
    """Denied, but with doubt."""
    past = "past"
    """An old story, or somebody else's."""
    over = "over"
    """An old story that has gone besides."""
    supposed = "supposed"
    """Asked about, as it is or as what something else leads to."""
    feared = "feared"
    """Feared or imagined."""

"""Whether what a message names is there: denied, doubted, gone, feared, long ago, or so."""

from collections.abc import Collection, Sequence

from bot.language.clauses import Clauses
from bot.language.denials import AIMED, Denials
from bot.language.generality import is_general
from bot.language.message import Message
from bot.language.patterns import Match
from bot.language.polarity import Polarity
from bot.language.tellings import Tellings


class Scopes:
    """Reads the polarity of matches of one message.

    Of ``matches`` the tokens name a sign. ``earnest`` are signs that are meant where a broken heart is told besides.
    """

    def __init__(self, message: Message, matches: Sequence[Match], earnest: Collection[str] = ()) -> None:
        clauses = Clauses(message, matches)
        self._message = message
        self._denials = Denials(clauses)
        self._tellings = Tellings(clauses, earnest)
        self.is_set_right = self._denials.is_set_right

    def polarity(self, match: Match) -> Polarity:
        """What the message says of ``match``."""
        if self._denials.is_excepted(match):
            return Polarity.present
        if self._denials.straddles(match):
            return Polarity.past
        denials = self._denials.before(match)
        if denials == AIMED:
            return Polarity.supposed
        if denials is None:
            return Polarity.doubtful
        return self._settled(match, denials, self._denials.after(match))

    def _settled(self, match: Match, denials: int, after: Polarity | None) -> Polarity:
        """The polarity, by what stands before and after the match."""
        denied = denials % 2 == 1
        if after is Polarity.supposed:
            return after
        if after is Polarity.doubtful or self._tellings.is_doubted(match):
            return Polarity.dubious if denied else Polarity.doubtful
        if denied:
            return Polarity.gone if self._denials.was_there(match) else Polarity.absent
        if after is Polarity.absent and not denials:
            return Polarity.absent
        return self._told(match, gone=after is Polarity.gone)

    def _told(self, match: Match, *, gone: bool) -> Polarity:
        """The polarity of what is not denied."""
        if self._tellings.is_comic(match):
            return Polarity.past
        if self._tellings.is_feared(match):
            return Polarity.feared
        if self._tellings.is_supposed(match) or is_general(self._message, match):
            return Polarity.supposed
        if self._tellings.is_past(match) or self._tellings.is_dated(match):
            return Polarity.over if gone else Polarity.past
        return Polarity.gone if gone else Polarity.present

"""What a message denies: by a negation before a sign, or by what is said after it."""

from collections.abc import Iterator
from typing import Final

from bot.language.clauses import Clauses, only_with
from bot.language.patterns import Match
from bot.language.polarity import Polarity
from bot.language.tokens import COMMA, SENTENCE

AIMED: Final = -1
"""It shall not be: ``biar tidak kram``."""

_BACK: Final = 14
_AHEAD: Final = 5
_LATER: Final = 9
_SETTLING: Final = frozenset({"@negation", "@denying", "@resolved", "@stopped", "@over"})
"""What of a thing that was named before may say that it is not there, or no more."""


class Denials:
    """Reads the denials of one message. A negation reaches over signs in a list, over other words it does not."""

    def __init__(self, clauses: Clauses) -> None:
        self._clauses = clauses
        self._message = clauses.message
        self._has = clauses.has
        self.heard = clauses.heard

    @only_with("negation")
    def straddles(self, match: Match) -> bool:
        """Whether the match is made of pieces of two tellings: ``sesak ga ada, dada aman`` is no ``sesak dada``."""
        used, inside = set(match.tokens), range(match.first + 1, match.last)
        denials = (index for index in inside if index not in used and self._has(index, "negation"))
        denial = next((index for index in denials if not self._has(index + 1, "able")), None)
        if denial is None:
            return False
        if any(self._has(index, "healthy") for index in inside if index not in used):
            return True
        return any(
            self._message.gaps[index] or (index not in used and self._clauses.is_of_another(index, match))
            for index in range(denial, match.last + 1)
        )

    @only_with("except")
    def is_excepted(self, match: Match) -> bool:
        """``kecuali bengkak tidak ada``, ``selain kesemutan semuanya normal``."""
        return any(
            self._has(index, "except") and not any(self._message.gaps[index + 1 : match.first + 1])
            for index in range(match.first - 2, match.first)
        )

    @only_with("correcting")
    def is_set_right(self, match: Match) -> bool:
        """Whether the match is what the patient says it is not: ``bukan yang kanan``."""
        for index in range(match.first - 1, max(-1, match.first - 4), -1):
            if self._message.gaps[index + 1]:
                return False
            if self._has(index, "correcting"):
                return not self._has(index + 1, "only")
            if self._message.weights[index]:
                return False
        return False

    def before(self, match: Match) -> int | None:
        """How many negations reach the match from before it; None where it is said not to be known."""
        if "@negation" not in self.heard:
            return 0
        if self._begins_before_comma(match):
            match = match._replace(tokens=match.tokens[:1])
        denials, crossed, linked, nearest = 0, False, self._has(match.last + 1, "list"), match.first
        enumerated = False
        for index in self._tokens_before(match):
            crossed = crossed or self._message.gaps[index + 1] == COMMA
            if self._has(index, "negation"):
                if not self._denies(index, match, crossed=crossed):
                    break
                if enumerated and not self._has(index + 1, "there_is"):
                    break
                if any(self._has(place, "aim") for place in range(index - 3, index)):
                    return AIMED
                denials, nearest = denials + 1, index
                if not self._has(index - 1, "negation") and not self._has(index - 1, "doubling"):
                    break
            elif denials:
                break
            elif self._stops(index, match, crossed=crossed, linked=linked):
                if not self._is_enumerated(index, match):
                    break
                enumerated = True
            else:
                linked = linked or self._has(index, "list")
        return None if denials and self._not_known(nearest) else denials

    def _begins_before_comma(self, match: Match) -> bool:
        """``tidak bengkak, kesemutan di kaki``: the part is named in the next clause, the sign is denied in its own."""
        if len(match.tokens) == 1 or self._has(match.first, "leg_part") or not self._has(match.first - 1, "negation"):
            return False
        return any(self._message.gaps[index] for index in range(match.first + 1, match.tokens[1] + 1))

    def _tokens_before(self, match: Match) -> Iterator[int]:
        """The tokens before the match and between its own, nearest first, to the beginning of the sentence."""
        used = set(match.tokens)
        for index in range(match.last - 1, max(-1, match.first - _BACK), -1):
            if self._message.gaps[index + 1] == SENTENCE:
                return
            if index not in used:
                yield index

    def _denies(self, index: int, match: Match, *, crossed: bool) -> bool:
        """Whether the negation at ``index`` reaches the match: not ``bukan cuma``, not ``bahaya ga``."""
        if self._has(index + 1, "only") or self._is_used_by_another(index, match):
            return False
        if self._has(index, "correcting") and self._has(index + 1, "self"):  # "bukan saya yang kram, tapi bapak"
            return False
        if crossed and not self._reaches_over_commas(index, match):
            return False
        # "bahaya ga", "ngeri ga sih", "perlu mri gak buat" ask; "dada aman ga sesak" tells twice.
        if self._has(index + 1, "after_tag") and index and not self._message.gaps[index]:
            return False
        well = self._has(index - 1, "healthy") and self._has(index - 2, "object")
        return well or not self._has(index - 1, "tagged") or self._message.gaps[index] > 0

    def _stops(self, index: int, match: Match, *, crossed: bool, linked: bool) -> bool:
        """Whether a negation before ``index`` does not reach over it."""
        if self._has(index, "contrast"):
            return True
        if self._has(index, "list"):
            return False
        if self._clauses.is_of_another(index, match):
            named = self._has(index, "illness") and self._message.distance(index, match.first) == 0
            return not (linked or crossed or named)
        if index in self._clauses.covering:
            return False
        return bool(crossed and self._message.weights[index]) or not self._is_transparent(index)

    def _is_used_by_another(self, index: int, match: Match) -> bool:
        """Whether the negation is a piece of another sign: of ``ga bisa nunduk demam`` the fever is not denied."""
        mine, covering = set(match.tokens), self._clauses.covering.get(index, ())
        return any(other.concept != match.concept and not mine & set(other.tokens) for other in covering)

    def _is_enumerated(self, index: int, match: Match) -> bool:
        """``ga ada riwayat kejang pingsan stroke``: nothing but signs stand between."""
        between = range(index, match.first)
        return self._clauses.is_of_another(index, match) and all(
            (place in self._clauses.covering or not self._message.weights[place]) and not self._message.gaps[place + 1]
            for place in between
        )

    def _is_transparent(self, index: int) -> bool:
        """Whether a negation reaches over the token."""
        if self._has(index, "opaque"):
            return False
        return not self._message.weights[index] or self._has(index, "transparent")

    def _reaches_over_commas(self, index: int, match: Match) -> bool:
        """``tidak ada sesak, nyeri dada, demam`` denies them all; ``ga bengkak, kram tiap malam`` only the first."""
        whole = self._has(index + 1, "there_is") or self._has(index, "without")
        between = range(index + 1, match.first)
        linked = any(self._has(place, "list") for place in between)
        closing = (
            match.last + 1 >= len(self._message)
            or self._message.gaps[match.last + 1] > 0
            or self._has(match.last + 1, "list")
        )
        return (whole or linked) and (closing or linked)

    def _not_known(self, index: int) -> bool:
        return self._has(index + 1, "knowing") or self._has(index + 2, "knowing")

    def after(self, match: Match) -> Polarity | None:
        """``bengkak sih enggak``, ``demam sudah turun``, ``merah apa enggak``, ``sesak? nggak``."""
        return None if self.heard.isdisjoint(_SETTLING) else self._said_after(match)

    def _said_after(self, match: Match) -> Polarity | None:
        crossed = False
        for index in range(match.last + 1, min(len(self._message), match.last + 1 + _AHEAD)):
            gap = self._message.gaps[index]
            if gap and (crossed or (gap == SENTENCE and not self._message.tokens[index - 1].asked)):
                return None
            crossed = crossed or gap > 0
            if self._has(index, "contrast") and self._has(index + 1, "sided"):
                return None
            if self._has(index, "negation"):
                return self._denied_after(match, index, crossed)
            if self._settles(index, crossed=crossed):
                return self._settled_at(match, index)
            if not self._has(index, "after_sign") and not self._has(index, "object"):
                return self._over_later(match)
        return None

    def _settles(self, index: int, *, crossed: bool) -> bool:
        if self._has(index, "denying"):
            return self._ends(index)
        return self._has(index, "resolved") or (
            not crossed
            and self._has(index, "stopped")
            and self._has(index - 1, "already")
            and not self._has(index + 1, "contrast")
        )

    def _settled_at(self, match: Match, index: int) -> Polarity | None:
        """What ``apalagi`` or ``hilang`` at ``index`` says. A question, a wish and ``hilang timbul`` say nothing."""
        if self._has(index, "denying"):
            return Polarity.absent
        if self._has(index + 1, "comes") or self._has(index - 1, "comes"):
            return None
        asked = any(self._has(place, "yes_no") for place in range(match.last + 1, index)) or self._is_asked_after(index)
        return None if asked or self._has(index + 1, "if") or self._is_aimed(match) else Polarity.gone

    def _is_asked_after(self, index: int) -> bool:
        """``kebas normal ya om``, ``bengkaknya hilang sendiri tidak``: whether it is so is asked."""
        if self._has(index - 1, "already"):
            return False
        following = index + 2 if self._has(index + 1, "by_itself") else index + 1
        return self._has(following, "asks_after") or (following > index + 1 and self._has(following, "negation"))

    def _over_later(self, match: Match) -> Polarity | None:
        """``sempat sesak gara-gara masker, udah normal``: the next clause says that it is over."""
        for index in range(match.last + 1, min(len(self._message) - 1, match.last + _LATER)):
            if self._clauses.is_of_another(index, match) or self._message.gaps[index] == SENTENCE:
                return None
            if self._message.gaps[index]:
                return Polarity.gone if self._has(index, "already") and self._has(index + 1, "over") else None
        return None

    def was_there(self, match: Match) -> bool:
        """``sudah tidak bengkak``, ``tidak bengkak lagi``."""
        before = self._clauses.before(match, 4)
        again = match.last + 1 < len(self._message) and self._has(match.last + 1, "again")
        return again or any(self._has(index, "negation") and self._has(index - 1, "already") for index in before)

    def _ends(self, index: int) -> bool:
        return index + 1 >= len(self._message) or self._message.gaps[index + 1] > 0

    def _is_aimed(self, match: Match) -> bool:
        """``biar kramnya hilang``, ``cara menghilangkan``: it has not gone, it shall."""
        return any(self._has(index, "aim") or self._has(index, "way") for index in self._clauses.before(match, 4))

    def _denied_after(self, match: Match, index: int, crossed: bool) -> Polarity | None:
        if self._has(index - 1, "or") and not crossed:
            return Polarity.doubtful if index - 1 > match.last else None
        if self._clauses.is_of_another(index, match) or not self._closes(index, alone=crossed):
            return None
        if not crossed and self._is_tag(match, index):
            return Polarity.supposed
        before = range(match.last + 1, index)
        gone = any(self._has(place, "already") or self._has(place, "now") for place in before)
        return Polarity.gone if gone else Polarity.absent

    def _is_tag(self, match: Match, index: int) -> bool:
        """``bikin lemah ga dok`` asks; ``lemah sih ga dok`` and ``lemah ga ada`` deny."""
        if self._has(index, "tag_only"):
            return True
        if any(self._has(place, "topic") for place in range(match.last + 1, index)):
            return False
        following = index + 1
        if following < len(self._message) and not self._message.gaps[following]:
            return self._has(following, "tag")
        return (
            any(self._has(place, "effect") for place in self._clauses.before(match, 5))
            or self._message.tokens[index].asked
        )

    def _closes(self, index: int, *, alone: bool) -> bool:
        """Whether the negation at ``index`` ends its clause, so that it speaks of what stands before it."""
        place = index + 1
        while place < len(self._message) and not self._message.gaps[place] and self._has(place, "after_negation"):
            place += 1
        if place >= len(self._message):
            return not (alone and self._message.tokens[place - 1].asked)
        if self._message.gaps[place]:
            return not self._message.tokens[place - 1].asked or alone
        return not alone and (self._has(place, "contrast") or self._is_denied_likewise(place))

    def _is_denied_likewise(self, place: int) -> bool:
        """``sesak nggak ada nyeri dada nggak ada``: what stands at ``place`` is denied after it, as the one before."""
        index = place
        while index < min(len(self._message), place + 4) and not self._message.gaps[index]:
            if index not in self._clauses.covering and not self._has(index, "object") and not self._has(index, "list"):
                break
            index += 1
        if not place < index < len(self._message) or not self._has(index, "negation"):
            return False
        following = index + 1
        while following < len(self._message) and self._has(following, "after_negation"):
            following += 1
        return following >= len(self._message) or self._message.gaps[following] > 0

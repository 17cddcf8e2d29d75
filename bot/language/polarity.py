"""Whether what a message names is there: denied, doubted, gone, feared, long ago, or so."""

from collections.abc import Callable, Collection, Iterator, KeysView, Sequence
from enum import Enum
from functools import wraps
from typing import Final

from bot.language.generality import is_general
from bot.language.message import Message
from bot.language.patterns import Match
from bot.language.tokens import COMMA, SENTENCE

_BACK: Final = 14
_AHEAD: Final = 5
_AIMED: Final = -1
_LATER: Final = 9
_NEAR: Final = 2
_FIRST_YEAR: Final = 1950
_LAST_YEAR: Final = 2100
_CLAUSE: Final = 10
"""How far back a clause is looked at, at most."""

_SETTLING: Final = frozenset({"@negation", "@denying", "@resolved", "@stopped", "@over"})
"""What of a thing that was named before may say that it is not there, or no more."""


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


Rule = Callable[["Scopes", Match], bool]


def _only_with(*groups: str) -> Callable[[Rule], Rule]:
    """Limits a rule to messages with a word of these groups; without one it says no anyway. Few messages have a word
    of more than one or two of all the groups that the rules look for."""
    atoms = frozenset("@" + group for group in groups)

    def limit(rule: Rule) -> Rule:
        @wraps(rule)
        def limited(scopes: "Scopes", match: Match) -> bool:
            return not scopes.heard.isdisjoint(atoms) and rule(scopes, match)

        return limited

    return limit


class Scopes:
    """Reads the polarity of matches of one message.

    Of ``matches`` the tokens name a sign: a negation reaches over them in a list, over other words it does not.
    ``earnest`` are signs that are meant where a broken heart is told besides.
    """

    def __init__(self, message: Message, matches: Sequence[Match], earnest: Collection[str] = ()) -> None:
        self._message = message
        self._earnest = earnest
        self._length = len(message)
        self.heard: KeysView[str] = message.places.keys()
        """Every atom of the message."""
        self._clauses: dict[tuple[int, ...], list[int]] = {}
        self._former = {
            index: first
            for first, last in reversed(message.places.get("@past", ()))
            for index in range(first, last + 1)
        }
        self._covering: dict[int, list[Match]] = {}
        for match in matches:
            for index in match.tokens:
                self._covering.setdefault(index, []).append(match)

    def polarity(self, match: Match) -> Polarity:
        """What the message says of ``match``."""
        if self._is_excepted(match):
            return Polarity.present
        if self._straddles(match):
            return Polarity.past
        denials = self._denials_before(match)
        if denials == _AIMED:
            return Polarity.supposed
        if denials is None:
            return Polarity.doubtful
        after = None if self.heard.isdisjoint(_SETTLING) else self._after(match)
        return self._settled(match, denials, after)

    def _settled(self, match: Match, denials: int, after: Polarity | None) -> Polarity:
        """The polarity, by what stands before and after the match."""
        denied = denials % 2 == 1
        if after is Polarity.supposed:
            return after
        if after is Polarity.doubtful or self._is_doubted(match):
            return Polarity.dubious if denied else Polarity.doubtful
        if denied:
            return Polarity.gone if self._was_there(match) else Polarity.absent
        if after is Polarity.absent and not denials:
            return Polarity.absent
        return self._told(match, gone=after is Polarity.gone)

    def _told(self, match: Match, *, gone: bool) -> Polarity:
        """The polarity of what is not denied."""
        if self._is_comic(match):
            return Polarity.past
        if self._is_feared(match):
            return Polarity.feared
        if self._is_supposed(match) or is_general(self._message, match):
            return Polarity.supposed
        if self._is_past(match) or self._is_dated(match):
            return Polarity.over if gone else Polarity.past
        return Polarity.gone if gone else Polarity.present

    @_only_with("negation")
    def _straddles(self, match: Match) -> bool:
        """Whether the match is made of pieces of two tellings: ``sesak ga ada, dada aman`` is no ``sesak dada``."""
        used, inside = set(match.tokens), range(match.first + 1, match.last)
        denials = (index for index in inside if index not in used and self._is(index, "negation"))
        denial = next((index for index in denials if not self._is(index + 1, "able")), None)
        if denial is None:
            return False
        if any(self._is(index, "healthy") for index in inside if index not in used):
            return True
        return any(
            self._message.gaps[index] or (index not in used and self._is_of_another(index, match))
            for index in range(denial, match.last + 1)
        )

    @_only_with("except")
    def _is_excepted(self, match: Match) -> bool:
        """``kecuali bengkak tidak ada``, ``selain kesemutan semuanya normal``."""
        return any(
            self._is(index, "except") and not any(self._message.gaps[index + 1 : match.first + 1])
            for index in range(match.first - 2, match.first)
        )

    @_only_with("correcting")
    def is_set_right(self, match: Match) -> bool:
        """Whether the match is what the patient says it is not: ``bukan yang kanan``."""
        for index in range(match.first - 1, max(-1, match.first - 4), -1):
            if self._message.gaps[index + 1]:
                return False
            if self._is(index, "correcting"):
                return not self._is(index + 1, "only")
            if self._message.weights[index]:
                return False
        return False

    def _is(self, index: int, group: str) -> bool:
        return 0 <= index < self._length and group in self._message.groups[index]

    def _denials_before(self, match: Match) -> int | None:
        """How many negations reach the match from before it; None where it is said not to be known."""
        if "@negation" not in self.heard:
            return 0
        if self._begins_before_comma(match):
            match = match._replace(tokens=match.tokens[:1])
        denials, crossed, linked, nearest = 0, False, self._is(match.last + 1, "list"), match.first
        enumerated = False
        for index in self._before(match):
            crossed = crossed or self._message.gaps[index + 1] == COMMA
            if self._is(index, "negation"):
                if not self._denies(index, match, crossed=crossed):
                    break
                if enumerated and not self._is(index + 1, "there_is"):
                    break
                if any(self._is(place, "aim") for place in range(index - 3, index)):
                    return _AIMED
                denials, nearest = denials + 1, index
                if not self._is(index - 1, "negation") and not self._is(index - 1, "doubling"):
                    break
            elif denials:
                break
            elif self._stops(index, match, crossed=crossed, linked=linked):
                if not self._is_enumerated(index, match):
                    break
                enumerated = True
            else:
                linked = linked or self._is(index, "list")
        return None if denials and self._not_known(nearest) else denials

    def _begins_before_comma(self, match: Match) -> bool:
        """``tidak bengkak, kesemutan di kaki``: the part is named in the next clause, the sign is denied in its own."""
        if len(match.tokens) == 1 or self._is(match.first, "leg_part") or not self._is(match.first - 1, "negation"):
            return False
        return any(self._message.gaps[index] for index in range(match.first + 1, match.tokens[1] + 1))

    def _before(self, match: Match) -> Iterator[int]:
        """The tokens before the match and between its own, nearest first, to the beginning of the sentence."""
        used = set(match.tokens)
        for index in range(match.last - 1, max(-1, match.first - _BACK), -1):
            if self._message.gaps[index + 1] == SENTENCE:
                return
            if index not in used:
                yield index

    def _denies(self, index: int, match: Match, *, crossed: bool) -> bool:
        """Whether the negation at ``index`` reaches the match: not ``bukan cuma``, not ``bahaya ga``."""
        if self._is(index + 1, "only") or self._is_used_by_another(index, match):
            return False
        if self._is(index, "correcting") and self._is(index + 1, "self"):  # "bukan saya yang kram, tapi bapak"
            return False
        if crossed and not self._reaches_over_commas(index, match):
            return False
        # "bahaya ga" asks; "dada aman ga sesak" tells twice.
        well = self._is(index - 1, "healthy") and self._is(index - 2, "object")
        return well or not self._is(index - 1, "tagged") or self._message.gaps[index] > 0

    def _stops(self, index: int, match: Match, *, crossed: bool, linked: bool) -> bool:
        """Whether a negation before ``index`` does not reach over it."""
        if self._is(index, "contrast"):
            return True
        if self._is(index, "list"):
            return False
        if self._is_of_another(index, match):
            named = self._is(index, "illness") and self._message.distance(index, match.first) == 0
            return not (linked or crossed or named)
        if index in self._covering:
            return False
        return bool(crossed and self._message.weights[index]) or not self._is_transparent(index)

    def _is_of_another(self, index: int, match: Match) -> bool:
        """Whether the token names another sign: one that shares no word with ``match``."""
        mine = set(match.tokens)
        covering = self._covering.get(index, ())
        return bool(covering) and not any(
            other.concept == match.concept or mine & set(other.tokens) for other in covering
        )

    def _is_used_by_another(self, index: int, match: Match) -> bool:
        """Whether the negation is a piece of another sign: of ``ga bisa nunduk demam`` the fever is not denied."""
        mine = set(match.tokens)
        return any(
            other.concept != match.concept and not mine & set(other.tokens) for other in self._covering.get(index, ())
        )

    def _is_enumerated(self, index: int, match: Match) -> bool:
        """``ga ada riwayat kejang pingsan stroke``: nothing but signs stand between."""
        between = range(index, match.first)
        return self._is_of_another(index, match) and all(
            (place in self._covering or not self._message.weights[place]) and not self._message.gaps[place + 1]
            for place in between
        )

    def _is_transparent(self, index: int) -> bool:
        """Whether a negation reaches over the token."""
        if self._is(index, "opaque"):
            return False
        return not self._message.weights[index] or self._is(index, "transparent")

    def _reaches_over_commas(self, index: int, match: Match) -> bool:
        """``tidak ada sesak, nyeri dada, demam`` denies them all; ``ga bengkak, kram tiap malam`` only the first."""
        whole = self._is(index + 1, "there_is") or self._is(index, "without")
        between = range(index + 1, match.first)
        linked = any(self._is(place, "list") for place in between)
        closing = (
            match.last + 1 >= len(self._message)
            or self._message.gaps[match.last + 1] > 0
            or self._is(match.last + 1, "list")
        )
        return (whole or linked) and (closing or linked)

    def _not_known(self, index: int) -> bool:
        return self._is(index + 1, "knowing") or self._is(index + 2, "knowing")

    def _after(self, match: Match) -> Polarity | None:
        """``bengkak sih enggak``, ``demam sudah turun``, ``merah apa enggak``, ``sesak? nggak``."""
        crossed = False
        for index in range(match.last + 1, min(len(self._message), match.last + 1 + _AHEAD)):
            gap = self._message.gaps[index]
            if gap and (crossed or (gap == SENTENCE and not self._message.tokens[index - 1].asked)):
                return None
            crossed = crossed or gap > 0
            if self._is(index, "contrast") and self._is(index + 1, "sided"):
                return None
            if self._is(index, "negation"):
                return self._denied_after(match, index, crossed)
            if self._settles(index, crossed=crossed):
                return self._settled_at(match, index)
            if not self._is(index, "after_sign") and not self._is(index, "object"):
                return self._over_later(match)
        return None

    def _settles(self, index: int, *, crossed: bool) -> bool:
        if self._is(index, "denying"):
            return self._ends(index)
        return self._is(index, "resolved") or (
            not crossed
            and self._is(index, "stopped")
            and self._is(index - 1, "already")
            and not self._is(index + 1, "contrast")
        )

    def _settled_at(self, match: Match, index: int) -> Polarity | None:
        """What ``apalagi`` or ``hilang`` at ``index`` says. A question, a wish and ``hilang timbul`` say nothing."""
        if self._is(index, "denying"):
            return Polarity.absent
        if self._is(index + 1, "comes") or self._is(index - 1, "comes"):
            return None
        asked = any(self._is(place, "yes_no") for place in range(match.last + 1, index)) or self._is_asked_after(index)
        return None if asked or self._is(index + 1, "if") or self._is_aimed(match) else Polarity.gone

    def _is_asked_after(self, index: int) -> bool:
        """``kebas normal ya om``, ``bengkaknya hilang sendiri tidak``: whether it is so is asked."""
        if self._is(index - 1, "already"):
            return False
        following = index + 2 if self._is(index + 1, "by_itself") else index + 1
        return self._is(following, "asks_after") or (following > index + 1 and self._is(following, "negation"))

    def _over_later(self, match: Match) -> Polarity | None:
        """``sempat sesak gara-gara masker, udah normal``: the next clause says that it is over."""
        for index in range(match.last + 1, min(len(self._message) - 1, match.last + _LATER)):
            if self._is_of_another(index, match) or self._message.gaps[index] == SENTENCE:
                return None
            if self._message.gaps[index]:
                return Polarity.gone if self._is(index, "already") and self._is(index + 1, "over") else None
        return None

    def _was_there(self, match: Match) -> bool:
        """``sudah tidak bengkak``, ``tidak bengkak lagi``."""
        before = self._clause_before(match, 4)
        again = match.last + 1 < len(self._message) and self._is(match.last + 1, "again")
        return again or any(self._is(index, "negation") and self._is(index - 1, "already") for index in before)

    def _ends(self, index: int) -> bool:
        return index + 1 >= len(self._message) or self._message.gaps[index + 1] > 0

    def _is_aimed(self, match: Match) -> bool:
        """``biar kramnya hilang``, ``cara menghilangkan``: it has not gone, it shall."""
        return any(self._is(index, "aim") or self._is(index, "way") for index in self._clause_before(match, 4))

    def _denied_after(self, match: Match, index: int, crossed: bool) -> Polarity | None:
        if self._is(index - 1, "or") and not crossed:
            return Polarity.doubtful if index - 1 > match.last else None
        if self._is_of_another(index, match) or not self._closes(index, alone=crossed):
            return None
        if not crossed and self._is_tag(match, index):
            return Polarity.supposed
        before = range(match.last + 1, index)
        gone = any(self._is(place, "already") or self._is(place, "now") for place in before)
        return Polarity.gone if gone else Polarity.absent

    def _is_tag(self, match: Match, index: int) -> bool:
        """``bikin lemah ga dok`` asks; ``lemah sih ga dok`` and ``lemah ga ada`` deny."""
        if self._is(index, "tag_only"):
            return True
        if any(self._is(place, "topic") for place in range(match.last + 1, index)):
            return False
        following = index + 1
        if following < len(self._message) and not self._message.gaps[following]:
            return self._is(following, "tag")
        return (
            any(self._is(place, "effect") for place in self._clause_before(match, 5))
            or self._message.tokens[index].asked
        )

    def _closes(self, index: int, *, alone: bool) -> bool:
        """Whether the negation at ``index`` ends its clause, so that it speaks of what stands before it."""
        place = index + 1
        while place < len(self._message) and not self._message.gaps[place] and self._is(place, "after_negation"):
            place += 1
        if place >= len(self._message):
            return not (alone and self._message.tokens[place - 1].asked)
        if self._message.gaps[place]:
            return not self._message.tokens[place - 1].asked or alone
        return not alone and (self._is(place, "contrast") or self._is_denied_likewise(place))

    def _is_denied_likewise(self, place: int) -> bool:
        """``sesak nggak ada nyeri dada nggak ada``: what stands at ``place`` is denied after it, as the one before."""
        index = place
        while index < min(len(self._message), place + 4) and not self._message.gaps[index]:
            if index not in self._covering and not self._is(index, "object") and not self._is(index, "list"):
                break
            index += 1
        if not place < index < len(self._message) or not self._is(index, "negation"):
            return False
        following = index + 1
        while following < len(self._message) and self._is(following, "after_negation"):
            following += 1
        return following >= len(self._message) or self._message.gaps[following] > 0

    @_only_with("doubt", "doubt_after")
    def _is_doubted(self, match: Match) -> bool:
        for index in self._clause_before(match, 4):
            if self._is(index, "doubt") and not any(self._message.gaps[index + 1 : match.first + 1]):
                return True
        end = match.last + 1
        return end < len(self._message) and self._message.gaps[end] < SENTENCE and self._is(end, "doubt_after")

    @_only_with("almost", "fear", "mistaken", "supposing", "if")
    def _is_feared(self, match: Match) -> bool:
        """``takut stroke``, ``kalau nanti sesak``."""
        before = self._clause_before(match, 7)
        if any(self._is(index, "supposing") and index < match.first for index in before):
            return True
        fancied = any(self._is(index, "imagined") for index in before)
        return any(self._is_only_thought(index, match) or (fancied and self._is(index, "if")) for index in before)

    @_only_with("signs_of", "leads_to", "if")
    def _is_supposed(self, match: Match) -> bool:
        """``tanda stroke``, ``apakah bisa bikin lumpuh``, ``kalau sesak gimana``; ``kalau jalan sesak`` is told."""
        asks, before = self._asks(match), self._clause_before(match, 7)
        asked = [index for index in before if self._is(index, "yes_no")]
        return any(
            self._is(index, "signs_of")
            or (self._is(index, "leads_to") and any(place < index for place in asked))
            or (self._is(index, "if") and asks and self._message.distance(index, match.first) == 0)
            for index in before
        )

    def _is_only_thought(self, index: int, match: Match) -> bool:
        """``takut stroke``, ``dikira kejang``, ``hampir pingsan``; not ``ga takut``, ``hampir ga bisa napas``."""
        if self._is(index, "almost"):
            denied = any(self._is(place, "negation") for place in match.tokens)
            return not denied and self._message.distance(index, match.first) == 0
        thought = (self._is(index, "fear") and not self._is(index - 1, "negation")) or self._is(index, "mistaken")
        return thought and self._message.distance(index, match.first) <= _NEAR

    def _is_of_joke(self, index: int, match: Match) -> bool:
        """``sesak lihat harga``; but who has swallowed pills ``gara-gara putus`` does not joke."""
        earnest = match.concept.removeprefix("sign:") in self._earnest and self._is(index, "heartache")
        return self._is(index, "comic") and not earnest

    def _is_fiction(self, index: int) -> bool:
        """``film zombie kejang``; but ``lagi nonton tv dada sesak`` is told of oneself."""
        doing = any(self._is(place, "while_doing") for place in range(index - 3, index))
        return self._is(index, "fiction") and not doing

    @_only_with("fiction", "comic")
    def _is_comic(self, match: Match) -> bool:
        """``sesak lihat harga``, ``mimpi digigit ular``: said of a price, a sweetheart or a film it is no symptom."""
        if any(self._is_fiction(index) for index in self._clause_before(match, 7)):
            return True
        if any(
            self._is_of_joke(index, match) and not any(self._message.gaps[index + 1 : match.first + 1])
            for index in self._clause_before(match, 3)
        ):
            return True
        return any(
            self._is_of_joke(index, match) and not self._message.gaps[index]
            for index in range(match.last + 1, min(len(self._message), match.last + 5))
        )

    def _asks(self, match: Match) -> bool:
        """Whether the sentence of the match is a question."""
        words = range(max(0, match.first - 12), min(len(self._message), match.last + 12))
        return any(
            (self._is(index, "asking") or self._message.tokens[index].asked)
            and self._message.same_sentence(index, match.first)
            for index in words
        )

    @_only_with("past", "others", "years")
    def _is_past(self, match: Match) -> bool:
        """``dulu``, ``pernah``, ``tahun 2018``: before the match in its clause, or right after it."""
        if self._is_of_others(match):
            return True
        for index in self._clause_before(match, 10):
            if self._is(index, "now"):
                return False
            if (self._is_former(index) or self._was_once(index, match)) and self._reaches(index, match):
                return True
        for index in range(match.last + 1, min(len(self._message), match.last + 5)):
            if self._message.gaps[index] or self._is(index, "now") or self._is(index, "contrast"):
                return False
            formerly = self._is_former(index) and not self._is(index - 1, "pausing")
            if formerly or self._is_long_ago(index):
                return True
        return False

    def _is_of_others(self, match: Match) -> bool:
        """The story of another that is over, or that is told before one's own; not what goes on with another."""
        if not any(self._is(index, "others") for index in self._clause_before(match, 10)):
            return False
        near = range(max(0, match.first - _CLAUSE), min(len(self._message), match.last + _AHEAD))
        if any(self._is(index, "under_way") and self._message.same_sentence(index, match.first) for index in near):
            return False
        return self._turns_to_self(match) or self._is_handled(match)

    def _is_dated(self, match: Match) -> bool:
        """``bell's palsy 2014``."""
        following = range(match.last + 1, min(len(self._message), match.last + 3))
        return any(
            self._is_year(index) and not any(self._message.gaps[match.last + 1 : index + 1]) for index in following
        )

    def _reaches(self, former: int, match: Match) -> bool:
        """Whether what stands before says so of this, too: ``riwayat gula dan stroke``, ``dulu pernah kejang``; but not
        ``riwayat gula, kakinya kesemutan``, ``pernah patah kaki, dada sesak``, where something else was meant."""
        between = [index for index in range(former + 1, match.first) if index not in match.tokens]
        said = [index for index in between if self._message.weights[index] and not self._is(index, "past")]
        if said and any(self._message.gaps[index] for index in range(said[0] + 1, match.first + 1)):
            return False
        named = self._is(former, "history") and any(index in self._covering for index in between)
        return not named or self._is(match.first - 1, "list")

    def _is_former(self, index: int) -> bool:
        """``dulu``, ``bulan lalu sempat``; not ``sejak dulu``, ``belum pernah``."""
        first = self._former.get(index)
        if first is None or self._is(first - 1, "negation"):
            return False
        return not any(self._is(place, "since") for place in (first - 1, first - 2))

    def _is_long_ago(self, index: int) -> bool:
        """``5 tahun lalu``, but not ``setahun lalu`` of a complaint that lasts."""
        return self._is(index, "years") and self._is(index + 1, "ago") and not self._is(index - 1, "since")

    def _was_once(self, index: int, match: Match) -> bool:
        """``5 tahun lalu saya sempat kejang``."""
        return self._is_long_ago(index) and any(self._is(place, "once_only") for place in range(index + 2, match.last))

    def _is_year(self, index: int) -> bool:
        """``bell's palsy 2014``, but not ``sejak 2014``."""
        number = self._message.tokens[index].number
        return number is not None and _FIRST_YEAR <= number < _LAST_YEAR and not self._is(index - 1, "since")

    def _is_handled(self, match: Match) -> bool:
        """``murid saya pingsan, udah dibawa ke RS``: others see to it already."""
        later = range(match.last + 1, min(len(self._message) - 1, match.last + _LATER))
        return any(
            self._is(index, "already")
            and any(self._is(index + step, group) for step in (1, 2) for group in ("over", "handled", "healthy"))
            for index in later
        )

    def _turns_to_self(self, match: Match) -> bool:
        """``temen gw sesak, gw sih cuma kram``: the story of another, then a sign of one's own. Who is only afraid for
        the other tells none."""
        later = (index for index in range(match.last + 1, len(self._message)) if self._is(index, "self"))
        return any(
            self._tells_own(index, match)
            and (
                self._is(index - 1, "if")
                or any(self._is(index + step, group) for step in (1, 2, 3) for group in ("contrast", "fear"))
            )
            for index in later
        )

    def _tells_own(self, self_at: int, match: Match) -> bool:
        around = range(self_at + 1, min(len(self._message), self_at + _LATER))
        return any(self._is_of_another(index, match) for index in around)

    def _clause_before(self, match: Match, reach: int) -> list[int]:
        """The tokens before the match and in it, nearest first, up to a contrast or the end of a sentence."""
        clause = self._clauses.get(match.tokens)
        if clause is None:
            clause = self._clauses[match.tokens] = self._whole_clause_before(match)
        return [index for index in clause if index >= match.first - reach]

    def _whole_clause_before(self, match: Match) -> list[int]:
        found: list[int] = []
        for index in range(match.last, max(-1, match.first - _CLAUSE - 1), -1):
            if index < match.first and self._is(index, "contrast"):
                break
            if index not in match.tokens:
                found.append(index)
            if self._message.gaps[index] == SENTENCE and index <= match.first:
                break
        return found

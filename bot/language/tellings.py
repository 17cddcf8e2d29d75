"""Whether what a message names is told as something that is so: not feared, supposed, joked, past or another's."""

from collections.abc import Collection
from typing import Final

from bot.language.clauses import Clauses, only_with
from bot.language.patterns import Match
from bot.language.tokens import SENTENCE, is_year

_AROUND: Final = 10
_AHEAD: Final = 5
_LATER: Final = 9
_NEAR: Final = 2
_OWN: Final = 12


class Tellings:
    """Reads how the signs of one message are told. ``earnest`` are signs that are meant where a broken heart is told
    besides."""

    def __init__(self, clauses: Clauses, earnest: Collection[str]) -> None:
        self._clauses = clauses
        self._message = clauses.message
        self._has = clauses.has
        self.heard = clauses.heard
        self._earnest = earnest
        self._former = {
            index: first
            for first, last in reversed(clauses.message.places.get("@past", ()))
            for index in range(first, last + 1)
        }

    @only_with("doubt", "doubt_after")
    def is_doubted(self, match: Match) -> bool:
        """``kayaknya bengkak``, ``bengkak mungkin``."""
        for index in self._clauses.before(match, 4):
            if self._has(index, "doubt") and not any(self._message.gaps[index + 1 : match.first + 1]):
                return True
        end = match.last + 1
        return end < len(self._message) and self._message.gaps[end] < SENTENCE and self._has(end, "doubt_after")

    @only_with("almost", "fear", "mistaken", "supposing", "if")
    def is_feared(self, match: Match) -> bool:
        """``takut stroke``, ``kalau nanti sesak``."""
        before = self._clauses.before(match, 7)
        if any(self._has(index, "supposing") and index < match.first for index in before):
            return True
        fancied = any(self._has(index, "imagined") for index in before)
        return any(self._is_only_thought(index, match) or (fancied and self._has(index, "if")) for index in before)

    @only_with("signs_of", "leads_to", "if")
    def is_supposed(self, match: Match) -> bool:
        """``tanda stroke``, ``apakah bisa bikin lumpuh``, ``kalau sesak gimana``; ``kalau jalan sesak`` is told."""
        asks, before = self._asks(match), self._clauses.before(match, 7)
        asked = [index for index in before if self._has(index, "yes_no")]
        return any(
            self._has(index, "signs_of")
            or (self._has(index, "leads_to") and any(place < index for place in asked))
            or (self._has(index, "if") and asks and self._message.distance(index, match.first) == 0)
            for index in before
        )

    def _is_only_thought(self, index: int, match: Match) -> bool:
        """``takut stroke``, ``dikira kejang``, ``hampir pingsan``; not ``ga takut``, ``hampir ga bisa napas``."""
        if self._has(index, "almost"):
            denied = any(self._has(place, "negation") for place in match.tokens)
            return not denied and self._message.distance(index, match.first) == 0
        asked = self._has(index + 1, "negation")  # "ngeri ga sih"
        afraid = self._has(index, "fear") and not asked and not self._has(index - 1, "negation")
        thought = afraid or self._has(index, "mistaken")
        return thought and self._message.distance(index, match.first) <= _NEAR

    def _is_of_joke(self, index: int, match: Match) -> bool:
        """``sesak lihat harga``; but who has swallowed pills ``gara-gara putus`` does not joke."""
        earnest = match.concept.removeprefix("sign:") in self._earnest and self._has(index, "heartache")
        return self._has(index, "comic") and not earnest

    def _is_fiction(self, index: int) -> bool:
        """``film zombie kejang``; but ``lagi nonton tv dada sesak`` is told of oneself."""
        doing = any(self._has(place, "while_doing") for place in range(index - 3, index))
        return self._has(index, "fiction") and not doing

    @only_with("fiction", "comic")
    def is_comic(self, match: Match) -> bool:
        """``sesak lihat harga``, ``mimpi digigit ular``: said of a price, a sweetheart or a film it is no symptom."""
        if any(self._is_fiction(index) for index in self._clauses.before(match, 7)):
            return True
        if any(
            self._is_of_joke(index, match) and not any(self._message.gaps[index + 1 : match.first + 1])
            for index in self._clauses.before(match, 3)
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
            (self._has(index, "asking") or self._message.tokens[index].asked)
            and self._message.same_sentence(index, match.first)
            for index in words
        )

    @only_with("past", "others", "years")
    def is_past(self, match: Match) -> bool:
        """``dulu``, ``pernah``, ``tahun 2018``: before the match in its clause, or right after it."""
        if self._is_of_others(match):
            return True
        for index in self._clauses.before(match, 10):
            if self._has(index, "now"):
                return False
            if (self._is_former(index) or self._was_once(index, match)) and self._reaches(index, match):
                return True
        for index in range(match.last + 1, min(len(self._message), match.last + 5)):
            if self._message.gaps[index] or self._has(index, "now") or self._has(index, "contrast"):
                return False
            formerly = self._is_former(index) and not self._has(index - 1, "pausing")
            if formerly or self._is_long_ago(index):
                return True
        return False

    def _is_of_others(self, match: Match) -> bool:
        """The story of another that is over, or that is told before one's own; not what goes on with another."""
        if not any(self._has(index, "others") for index in self._clauses.before(match, 10)):
            return False
        near = range(max(0, match.first - _AROUND), min(len(self._message), match.last + _AHEAD))
        if any(self._has(index, "under_way") and self._message.same_sentence(index, match.first) for index in near):
            return False
        return self._turns_to_self(match) or self._is_handled(match)

    def is_dated(self, match: Match) -> bool:
        """``bell's palsy 2014``."""
        following = range(match.last + 1, min(len(self._message), match.last + 3))
        return any(
            self._is_year(index) and not any(self._message.gaps[match.last + 1 : index + 1]) for index in following
        )

    def _reaches(self, former: int, match: Match) -> bool:
        """Whether what stands before says so of this, too: ``riwayat gula dan stroke``, ``dulu pernah kejang``; but not
        ``riwayat gula, kakinya kesemutan``, ``pernah patah kaki, dada sesak``, where something else was meant."""
        between = [index for index in range(former + 1, match.first) if index not in match.tokens]
        said = [index for index in between if self._message.weights[index] and not self._has(index, "past")]
        if said and any(self._message.gaps[index] for index in range(said[0] + 1, match.first + 1)):
            return False
        named = self._has(former, "history") and any(index in self._clauses.covering for index in between)
        return not named or self._has(match.first - 1, "list")

    def _is_former(self, index: int) -> bool:
        """``dulu``, ``bulan lalu sempat``; not ``sejak dulu``, ``belum pernah``."""
        first = self._former.get(index)
        if first is None or self._has(first - 1, "negation"):
            return False
        return not any(self._has(place, "since") for place in (first - 1, first - 2))

    def _is_long_ago(self, index: int) -> bool:
        """``5 tahun lalu``, but not ``setahun lalu`` of a complaint that lasts."""
        return self._has(index, "years") and self._has(index + 1, "ago") and not self._has(index - 1, "since")

    def _was_once(self, index: int, match: Match) -> bool:
        """``5 tahun lalu saya sempat kejang``."""
        return self._is_long_ago(index) and any(self._has(place, "once_only") for place in range(index + 2, match.last))

    def _is_year(self, index: int) -> bool:
        """``bell's palsy 2014``, but not ``sejak 2014``."""
        return is_year(self._message.tokens[index]) and not self._has(index - 1, "since")

    def _is_handled(self, match: Match) -> bool:
        """``murid saya pingsan, udah dibawa ke RS``: others see to it already."""
        later = range(match.last + 1, min(len(self._message) - 1, match.last + _LATER))
        return any(
            self._has(index, "already")
            and any(self._has(index + step, group) for step in (1, 2) for group in ("over", "handled", "healthy"))
            for index in later
        )

    def _turns_to_self(self, match: Match) -> bool:
        """``temen gw sesak, gw sih cuma kram``: the story of another, then a sign of one's own. Who is only afraid for
        the other tells none."""
        later = (index for index in range(match.last + 1, len(self._message)) if self._has(index, "self"))
        return any(
            self._tells_own(index, match)
            and (
                self._has(index - 1, "if")
                or any(self._has(index + step, group) for step in (1, 2, 3) for group in ("contrast", "fear"))
            )
            for index in later
        )

    def _tells_own(self, self_at: int, match: Match) -> bool:
        around = range(self_at + 1, min(len(self._message), self_at + _OWN))
        return any(self._clauses.is_of_another(index, match) for index in around)

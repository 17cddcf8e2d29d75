"""What was typed as words of the lexicon: abbreviations, affixes, joined and split words, typos."""

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from bot.language.affixes import Affixes
from bot.language.lexicon import Lexicon
from bot.language.tokens import Token, undoubled, unstretched

_WORDS_REMEMBERED: Final = 50_000
_LONGEST_REMEMBERED: Final = 40
"""Letters. What is longer is no word, and remembering it would fill the memory."""

_VOWELS: Final = frozenset("aeiou")
_SHORTEST_TYPO: Final = 4
_TWO_EDITS_FROM: Final = 8
_LONGEST_TYPO: Final = 24
_INDEXED_LETTERS: Final = 7
_CERTAIN: Final = 95.0
_LONG_FORM: Final = 6
_ALIKE: Final = 0.6
_SHORTEST_GLUED: Final = 10
_LONGEST_GLUED: Final = 80
_LONGEST_PIECE: Final = 12
_LETTERS_A_PIECE: Final = 4
"""In the mean, at least: of abbreviations of two letters nearly everything can be made."""


_KEY_ROWS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_ALIKE_SOUNDS: Final = ("aeiou", "fpv", "bp", "dt", "gkq", "szxc", "jy", "mn", "lr", "hk", "ck")


def _near_letters() -> frozenset[frozenset[str]]:
    """Pairs of letters that fingers or ears confuse: neighbours on the keyboard, and sounds that are alike."""
    pairs = {frozenset(pair) for row in _KEY_ROWS for pair in pairwise(row)}
    for upper, lower in pairwise(_KEY_ROWS):
        for place, letter in enumerate(lower):
            pairs.update(frozenset((letter, near)) for near in upper[place : place + 2])
    pairs.update(frozenset(pair) for sounds in _ALIKE_SOUNDS for pair in combinations(sounds, 2))
    return frozenset(pairs)


_NEAR_LETTERS: Final = _near_letters()


class Spelt(NamedTuple):
    """What one typed word is: words of the lexicon, and how near (0..100)."""

    words: tuple[str, ...]
    score: float


def allowed_edits(length: int) -> int:
    """How many slips of the finger a word of this length may hold. Short words are too near each other for any."""
    if length < _SHORTEST_TYPO:
        return 0
    return 1 if length < _TWO_EDITS_FROM else 2


class Speller:
    """Reads typed words. Everything is indexed at construction; what was read once is remembered."""

    def __init__(self, lexicon: Lexicon, forms: dict[str, str]) -> None:
        self._forms = forms
        self._joined = {
            typed: tuple(forms.get(word, word) for word in words.split()) for typed, words in lexicon.joined.items()
        }
        self._affixes = Affixes(lexicon.affixes)
        self._plain = frozenset(lexicon.plain)
        self._openers = frozenset(lexicon.affixes.get("openers", ()))
        self._guard = frozenset(lexicon.guard)
        self._frequent = frozenset(lexicon.frequent)
        self._numbers, self._units = frozenset(lexicon.numbers), frozenset(lexicon.units)
        self._core = _core(lexicon, forms)
        self._typos = _typo_index({**self._forms, **dict.fromkeys(self._joined, "")})
        self._skeletons = _skeleton_index(self._forms, self._guard)
        # Words follow Zipf's law: a bounded memory of the latest knows nearly all that come.
        self._remembered = lru_cache(_WORDS_REMEMBERED)(self._resolved)

    def spell(self, tokens: list[Token]) -> list[Token]:
        """The tokens with their words; joined words become several tokens with one span."""
        spelt: list[Token] = []
        for token in tokens:
            if token.number is not None or token.surface[0].isdigit():
                token.word = token.surface
                spelt.append(token)
            elif _repeats(spelt, token):
                _extend(spelt[-1], token)
            else:
                spelt.extend(self._read(token, spelt))
        return spelt

    def known(self, typed: str) -> bool:
        """Whether the word as typed is known, with no correction at all."""
        return typed in self._forms or typed in self._joined

    def word(self, typed: str) -> Spelt | None:
        """What ``typed`` is, or None where nothing is near."""
        return self._remembered(typed) if len(typed) <= _LONGEST_REMEMBERED else self._resolved(typed)

    def _read(self, token: Token, before: list[Token]) -> list[Token]:
        spelt = self.word(token.surface)
        if (spelt is None or spelt.score < _CERTAIN) and before and token.gap == 0:
            spelt = self._with_previous(before, token) or spelt
        if spelt is None:
            token.word, token.score = token.surface, 0.0
            return [token]
        if len(spelt.words) == 1:
            token.word, token.score = spelt.words[0], spelt.score
            return [token]
        return [
            Token(
                surface=token.surface,
                start=token.start,
                end=token.end,
                gap=0 if index else token.gap,
                asked=token.asked and index == len(spelt.words) - 1,
                word=word,
                score=spelt.score,
                dashed=token.dashed,
            )
            for index, word in enumerate(spelt.words)
        ]

    def _with_previous(self, before: list[Token], token: Token) -> Spelt | None:
        """``ke dutan`` is one word: an unknown word may be the rest of the one before it."""
        previous = before[-1]
        if previous.end == previous.start or len(previous.surface) + len(token.surface) < 5:
            return None
        whole = previous.surface + token.surface
        if whole not in self._forms or len(previous.surface) > len(token.surface) + 2:
            return None
        before.pop()
        token.start, token.gap = previous.start, previous.gap
        token.surface = whole
        return Spelt((self._forms[whole],), 95.0)

    def _resolved(self, typed: str) -> Spelt | None:
        plain = unstretched(typed.replace("'", "").replace("’", "").replace("`", "").replace("´", ""))
        if not plain:
            return None
        for variant in dict.fromkeys((plain, undoubled(plain))):
            exact = self._exact(variant)
            if exact:
                return exact
        for variant in dict.fromkeys((plain, undoubled(plain))):
            found = self._counted(variant) or self._skeleton(variant) or self._typo(variant) or self._split(variant)
            if found:
                return found
        return self._stemmed_typo(plain) or self._glued(plain)

    def _exact(self, typed: str) -> Spelt | None:
        if typed in self._joined:
            return Spelt(self._joined[typed], 100.0)
        if typed in self._forms:
            return Spelt((self._forms[typed],), 100.0)
        if typed in self._frequent:
            return Spelt((typed,), 100.0)
        stem = self._affixes.stem(typed, self._forms, self._plain)
        return Spelt((stem,), 98.0) if stem else None

    def _skeleton(self, typed: str) -> Spelt | None:
        """``skt``, ``btis``, ``kdtan``: the vowels are left out, the consonants stand."""
        bones = _bones(typed)
        vowels = len(typed) - len(bones)
        if len(bones) < 2 or (vowels >= len(bones) - 1 and vowels > 1) or len(typed) > 9:
            return None
        forms = self._skeletons.get(bones, ())
        within = (form for form in forms if _is_within(typed, form))
        alike = (form for form in forms if len(bones) > 2 and form[0] == typed[0] and _sounds_alike(typed, form))
        form = next(within, None) or min(alike, key=lambda form: OSA.distance(typed, form), default=None)
        return Spelt((self._forms[form],), 90.0) if form else None

    def _typo(self, typed: str) -> Spelt | None:
        best = self._nearest(typed)
        if best is None:
            return None
        words = self._joined.get(best) or (self._forms[best],)
        return Spelt(words, 100.0 * (1 - OSA.distance(typed, best) / (len(best) + 2)))

    def _nearest(self, typed: str) -> str | None:
        """The form within the edits that the length allows; on a tie the one that begins and ends alike."""
        edits = allowed_edits(len(typed))
        if not edits or len(typed) > _LONGEST_TYPO:
            return None
        found: tuple[tuple[int, bool, bool, bool, bool, bool, int], str] | None = None
        for form in sorted({form for cut in _cuts(typed, edits) for form in self._typos.get(cut, ())}):
            distance = OSA.distance(typed, form, score_cutoff=edits)
            if distance > min(edits, allowed_edits(len(form)) or 0):
                continue
            if not _is_plausible(typed, form):
                continue
            rank = (
                distance,
                form[0] != typed[0],
                sorted(form) != sorted(typed),
                self._forms.get(form) not in self._core,
                len(form) != len(typed),
                form[-1] != typed[-1],
                -len(form),
            )
            if found is None or rank < found[0]:
                found = (rank, form)
        return found[1] if found else None

    def _counted(self, typed: str) -> Spelt | None:
        """``duaminggu``: a number and a unit of time in one word."""
        for cut in range(3, len(typed) - 2):
            left, right = self._forms.get(typed[:cut]), self._forms.get(typed[cut:])
            if left in self._numbers and right in self._units:
                return Spelt((left, right), _CERTAIN)
        return None

    def _split(self, typed: str) -> Spelt | None:
        """``sakitsekali`` is two words: the split whose shorter part is longest wins."""
        if not 6 <= len(typed) <= 24:
            return None
        for cut in sorted(range(2, len(typed) - 2), key=lambda cut: abs(2 * cut - len(typed))):
            left, right = self._forms.get(typed[:cut]), self._forms.get(typed[cut:])
            if left and right and (cut > 2 or typed[:cut] in self._openers):
                return Spelt((left, right), 92.0)
        return None

    def _glued(self, typed: str) -> Spelt | None:
        """``kenapakakikukebas``: a message without blanks, as the fewest and longest words that make it."""
        if not _SHORTEST_GLUED <= len(typed) <= _LONGEST_GLUED:
            return None
        best: list[tuple[int, int, tuple[str, ...]] | None] = [(0, 0, ()), *[None] * len(typed)]
        for end in range(2, len(typed) + 1):
            for begin in range(max(0, end - _LONGEST_PIECE), end - 1):
                before, word, known = best[begin], self._forms.get(typed[begin:end]), best[end]
                if before is not None and word:
                    pieces, squares, words = before
                    candidate = (pieces + 1, squares - (end - begin) ** 2, (*words, word))
                    best[end] = candidate if known is None else min(known, candidate)
        whole = best[-1]
        return Spelt(whole[2], 90.0) if whole and len(typed) >= _LETTERS_A_PIECE * whole[0] else None

    def _stemmed_typo(self, typed: str) -> Spelt | None:
        for stem in self._affixes.stems(typed):
            if len(stem) >= _SHORTEST_TYPO:
                bare = self._skeleton(stem) if typed.startswith(stem) else None
                near = bare or (self._typo(stem) if len(stem) > _SHORTEST_TYPO else None)
                if near:
                    return Spelt(near.words, near.score - 3)
        return None


def _repeats(spelt: list[Token], token: Token) -> bool:
    """``kedut-kedut`` is ``kedut``; so is ``kedut kedut kedut``."""
    return bool(spelt) and token.gap == 0 and spelt[-1].surface == token.surface


def _extend(previous: Token, token: Token) -> None:
    previous.end = token.end
    previous.asked = previous.asked or token.asked


def _cuts(word: str, edits: int) -> set[str]:
    """The beginning of the word with up to ``edits`` letters taken out: words that share a cut may be near."""
    start = word[:_INDEXED_LETTERS]
    cuts = newest = {start}
    for _ in range(edits):
        newest = {cut[:place] + cut[place + 1 :] for cut in newest for place in range(len(cut))}
        cuts = cuts | newest
    return cuts


def _typo_index(forms: dict[str, str]) -> dict[str, list[str]]:
    index: dict[str, list[str]] = defaultdict(list)
    for form, word in forms.items():
        edits = allowed_edits(len(form))
        if edits and form.isalpha() and may_be_meant(form, word):
            for cut in _cuts(form, edits):
                index[cut].append(form)
    return dict(index)


def _is_plausible(typed: str, form: str) -> bool:
    """Whether a finger or an ear could take one for the other. ``lutur`` is ``lutut`` (the keys are neighbours), but
    ``serak`` (hoarse) is not ``sesak``."""
    if len(typed) != len(form) or sorted(typed) == sorted(form):
        return len(form) > _SHORTEST_TYPO or typed[0] == form[0] or sorted(typed) == sorted(form)
    wrong = [pair for pair in zip(typed, form, strict=True) if pair[0] != pair[1]]
    if len(wrong) == 2 and wrong[0] == wrong[1][::-1]:
        return True
    return all(frozenset(pair) in _NEAR_LETTERS for pair in wrong) and (len(form) > 4 or typed[0] == form[0])


def may_be_meant(form: str, word: str) -> bool:
    """Whether a typo may be read as ``form``. Short regional words that look like nothing else are read exactly only:
    ``picek`` (blind) is a letter from ``pilek`` (a cold)."""
    return form == word or len(form) >= _LONG_FORM or OSA.normalized_similarity(form, word) >= _ALIKE


def _core(lexicon: Lexicon, forms: Mapping[str, str]) -> frozenset[str]:
    """What patients here most likely meant: parts of the leg and complaints."""
    names = [word for group in ("leg_part_word", "ailment_word") for word in lexicon.groups.get(group, ())]
    return frozenset(forms.get(name, name) for name in names)


def _bones(word: str) -> str:
    return "".join(letter for letter in word if letter not in _VOWELS)


def _skeleton_index(forms: dict[str, str], guard: frozenset[str]) -> dict[str, list[str]]:
    """Forms by their consonants, words of the field before guards, short before long."""
    index: dict[str, list[str]] = defaultdict(list)
    for form in sorted(forms, key=lambda form: (form in guard, len(form))):
        if len(form) > 3 and form.isalpha() and may_be_meant(form, forms[form]):
            index[_bones(form)].append(form)
    return dict(index)


def _is_within(typed: str, form: str) -> bool:
    """Whether ``typed`` is ``form`` with letters left out, with the same first letter."""
    letters = iter(form)
    return typed[0] == form[0] and all(letter in letters for letter in typed)


def _sounds_alike(typed: str, form: str) -> bool:
    """Whether one vowel, in a long word two, is another: ``bitis`` is ``betis``, but ``ngisi`` is not ``ngos``."""
    return len(typed) >= len(form) - 1 and OSA.distance(typed, form) <= 1 + (len(form) >= _LONG_FORM)

"""The signs of a message with their polarity: symptoms, factors and dangers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.language.message import Message
from bot.language.patterns import Match
from bot.language.polarity import Polarity
from bot.language.slots import apart, name
from bot.language.tokens import is_year
from bot.ontology import FACTORS

_NEAR_PART: Final = 2
_SAME_SENTENCE: Final = 6
_INBORN_REACH: Final = 8
_THEN_REACH: Final = 3
_LIKENED_REACH: Final = 4
_ORIGIN_REACH: Final = 4
_FACTORS: Final = frozenset(FACTORS)
_STANDING: Final = frozenset({"elderly", "child"})


@dataclass(frozen=True, slots=True)
class Told:
    """The signs that were told: ``polarity`` true or false, ``doubts`` neither; ``matches`` says where."""

    polarity: dict[str, bool] = field(default_factory=dict)
    doubts: set[str] = field(default_factory=set)
    matches: dict[str, Match] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Traits:
    """What is peculiar to some signs.

    ``lasting``: true of the past too (a disease). ``passing``: still true when it has gone (a passing stroke).
    ``implies``: pairs of a sign and another that it always brings.
    ``feared``: not what the patient has where he only asks of it or fears it (a disease).
    ``grave``: told with laughter, or of what was so from birth or for years, it is none. ``compared``: of what is only
    likened to it (``kayak digigit ular``) it is none.
    ``seeming``: what is told with "it seems" is there, not in doubt.
    ``begun``: an old story counts where the complaint began with it (``awalnya dulu kecelakaan``).
    ``local``: of the leg only; of another part it is not this sign; ``whole``: but of the whole body it is.
    ``plain``: true inside a question as well. ``earnest``: meant where a broken heart is told besides.
    """

    lasting: frozenset[str] = frozenset()
    passing: frozenset[str] = frozenset()
    local: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()
    implies: tuple[tuple[str, str], ...] = ()
    feared: frozenset[str] = frozenset()
    grave: frozenset[str] = frozenset()
    compared: frozenset[str] = frozenset()
    seeming: frozenset[str] = frozenset()
    begun: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    earnest: frozenset[str] = frozenset()


def read_signs(
    matches: Sequence[Match],
    denials: Sequence[Match],
    parts: Sequence[Match],
    message: Message,
    polarity: Callable[[Match], Polarity],
    traits: Traits,
) -> Told:
    """Every sign that the message speaks of."""
    told = Told()
    denied = _denied(denials, polarity)
    for match in matches:
        sign = name(match)
        if any(set(match.tokens) & tokens for tokens in denied.get(sign, ())):
            continue
        if sign in traits.local and _is_elsewhere(match, parts, message):
            continue
        if sign in traits.grave and (_is_funny(message) or _is_inborn(match, message) or _is_of_years(match, message)):
            continue
        if sign in traits.compared and _is_likened(match, message):
            continue
        value = _value(sign, polarity(match), traits)
        if value is None and sign in traits.begun and _is_origin(match, message):
            value = Polarity.present
        if value is Polarity.doubtful and sign in traits.seeming and message.has("@seems"):
            value = Polarity.present
        _note(told, match, value, gone=polarity(match) in (Polarity.gone, Polarity.over))
    for denial in denials:
        sign = name(denial)
        if sign in denied and (sign not in told.polarity or _is_recovered(denial, told.matches[sign], message)):
            told.polarity[sign] = False
            told.matches[sign] = denial
    _imply(told, traits)
    told.doubts.difference_update(sign for sign, present in told.polarity.items() if present)
    for sign in told.doubts:
        told.polarity.pop(sign, None)
    return told


def _note(told: Told, match: Match, value: Polarity | None, *, gone: bool) -> None:
    """Take one mention in. A mention that it is there outweighs denials; one that it has gone, what was said before."""
    sign = name(match)
    if value is None:
        return
    if value in (Polarity.doubtful, Polarity.dubious):
        told.doubts.add(sign)
    elif value is Polarity.present:
        told.polarity[sign] = True
    elif gone or sign not in told.polarity:
        told.polarity[sign] = False
    told.matches.setdefault(sign, match)


def _is_recovered(denial: Match, match: Match, message: Message) -> bool:
    """``sempat lemes kemarin, hari ini sudah bertenaga lagi``."""
    around = range(max(match.last + 1, denial.first - 2), min(len(message), denial.last + 2))
    return match.last < denial.first and any(message.within(index, "already") for index in around)


def _imply(told: Told, traits: Traits) -> None:
    for sign, implied in traits.implies:
        if told.polarity.get(sign):
            told.polarity[implied] = True
            told.matches.setdefault(implied, told.matches[sign])


def _denied(denials: Sequence[Match], polarity: Callable[[Match], Polarity]) -> dict[str, list[set[int]]]:
    """The tokens of what tells that a sign is not there."""
    denied: dict[str, list[set[int]]] = {}
    for denial in denials:
        if polarity(denial) is Polarity.present:
            denied.setdefault(name(denial), []).append(set(denial.tokens))
    return denied


def _value(sign: str, polarity: Polarity, traits: Traits) -> Polarity | None:
    """Present, absent or doubtful; None where the message says nothing of the patient as he is."""
    if polarity is Polarity.gone:
        return Polarity.present if sign in traits.passing or sign in _STANDING else Polarity.absent
    if polarity in (Polarity.past, Polarity.over):
        return _of_the_past(sign, polarity, traits)
    if polarity is Polarity.feared:
        return Polarity.present if sign in _FACTORS and sign not in traits.feared else None
    if polarity is Polarity.supposed:
        if sign in traits.feared:
            return None
        return Polarity.present if sign in traits.plain or sign in _FACTORS else None
    return polarity


def _of_the_past(sign: str, polarity: Polarity, traits: Traits) -> Polarity | None:
    """``dulu diabetes`` counts; ``dulu bengkak, sudah kempes`` denies; of a fit neither."""
    if sign in traits.lasting:
        return Polarity.present
    return Polarity.absent if polarity is Polarity.over and sign not in traits.passing else None


def _is_elsewhere(match: Match, parts: Sequence[Match], message: Message) -> bool:
    """Whether the nearest part of the body is none of the leg."""
    close = [(apart(part, match, message), part) for part in parts]
    near = [
        (gap, part.first > match.first, name(part) == "other")
        for gap, part in close
        if gap <= _SAME_SENTENCE and not _is_listed(part, match, message)
    ]
    if near and all(found[2] for found in near) and not any(name(part) != "other" for part in parts):
        return True
    if parts and all(message.within(part.first, "arm") for part in parts):
        return True
    near = [found for found in near if found[0] <= _NEAR_PART]
    if not near or not min(near)[2] or any(other is False and gap == 0 for gap, _, other in near):
        return False
    return not any(_is_paired(part, parts, message) for gap, part in close if gap <= _NEAR_PART)


def _is_paired(part: Match, parts: Sequence[Match], message: Message) -> bool:
    """``tangan kaki kesemutan``, ``tangan dan kaki``: an arm and a leg in one breath."""
    legs = [other for other in parts if name(other) != "other"]
    return message.within(part.first, "arm") and any(
        apart(part, leg, message) == 0 and abs(leg.first - part.first) <= _NEAR_PART for leg in legs
    )


def _is_funny(message: Message) -> bool:
    """``mulut gue mencong tiap selfie haha``: nobody laughs while it happens."""
    return message.has("@laughter") and not message.has("@earnest")


def _is_inborn(match: Match, message: Message) -> bool:
    """``miring dari lahir``, ``masih cadel``: it has always been so."""
    following = range(match.last + 1, min(len(message), match.last + _INBORN_REACH))
    if any(message.within(index, "ever") for index in range(max(0, match.first - 1), match.last)):
        return True
    return any(message.within(index, "birth") and message.within(index - 1, "since") for index in following)


def _is_of_years(match: Match, message: Message) -> bool:
    """``pelo dari 2019``, ``stroke tahun 2014, sejak itu lemah``: so old that the year is told, and not of today."""
    years = [index for index, token in enumerate(message.tokens) if is_year(token)]
    if not years or message.has("@suddenly", "@newly"):
        return False
    return any(
        message.same_sentence(min(year, match.first), max(year, match.last))
        and (_since(message, year) or (year < match.first and _since_then(message, year, match.last)))
        for year in years
    )


def _since(message: Message, year: int) -> bool:
    """``sejak 2019``, ``dari tahun 2019``; but not ``sejak november 2026``, which may be today."""
    before = year - 2 if year > 1 and message.within(year - 1, "years") else year - 1
    return before >= 0 and message.within(before, "since")


def _since_then(message: Message, year: int, sign: int) -> bool:
    """``2014, sejak itu``: what follows has been so since that year."""
    return any(message.within(index, "since") for index in range(year + 1, min(sign, year + _THEN_REACH)))


def _is_origin(match: Match, message: Message) -> bool:
    """``awalnya dari kepeleset tahun lalu``, ``karena kecelakaan dulu``."""
    before = range(max(0, match.first - _ORIGIN_REACH), match.first)
    return any(message.within(index, "began_with") and message.same_sentence(index, match.first) for index in before)


def _is_likened(match: Match, message: Message) -> bool:
    """``rasanya kayak digigit ular``, ``kayak abis lari``."""
    return any(_comes_after_like(index, message) for index in match.tokens)


def _comes_after_like(first: int, message: Message) -> bool:
    for index in range(first - 1, max(-1, first - _LIKENED_REACH), -1):
        if message.gaps[index + 1] or message.distance(index, first) > 1:
            return False
        if message.within(index, "like"):
            return True
    return False


def _is_listed(part: Match, match: Match, message: Message) -> bool:
    """``lemas dan sakit kepala``: the head belongs to the next thing of the list."""
    between = range(min(part.last, match.last) + 1, max(part.first, match.first))
    return any(message.within(index, "list") for index in between)


def split(told: Mapping[str, bool], names: Sequence[str]) -> dict[str, bool]:
    """The part of ``told`` that is of ``names``, in their order."""
    return {sign: told[sign] for sign in names if sign in told} if told else {}

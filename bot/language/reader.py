"""Reads a message: words, signs, slots, times, intent, emergency, answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache, partial
from typing import Final

from bot.language.answers import Options, expected_times, read_answer, read_choice
from bot.language.compiled import compiled_patterns, compiled_traits
from bot.language.emergency import alarms, as_facts, judge, own_onsets, sudden_onsets
from bot.language.explaining import explain
from bot.language.field import SAID_OF_ANYBODY, foreign_words, is_elsewhere, is_sick
from bot.language.filled import Filled
from bot.language.intents import Found, Intent, IntentReader, content_words, weighed
from bot.language.learned import COMPLAINT, NONE, Learned
from bot.language.lexicon import Lexicon
from bot.language.memory import Memory, is_everybodys
from bot.language.message import Atoms, Message
from bot.language.neighbours import Neighbours
from bot.language.patterns import Match, Matcher
from bot.language.phrases import Phrase, PhraseBank, as_phrases
from bot.language.polarity import Polarity
from bot.language.quantities import Quantities
from bot.language.questioning import Questioning
from bot.language.reading import Expecting, Reading, Topics
from bot.language.scopes import Scopes
from bot.language.signs import Told, read_signs, split
from bot.language.slots import (
    OTHER,
    Slot,
    find_body_part,
    find_complaint,
    find_recurrence,
    find_side,
    name,
    nearest_time,
    owner,
    without_inner,
)
from bot.language.spelling import Speller
from bot.language.times import Time, read_times
from bot.language.tokens import Token, tokenize
from bot.language.topics import TopicIndex
from bot.language.vocabulary import canonical, canonical_groups, spoken_of, written_forms
from bot.ontology import COMPLAINTS, DANGERS, FACTORS, SYMPTOMS
from bot.triage.facts import ADULT_FROM, ELDERLY_FROM
from bot.triage.rules import Rule

LONGEST: Final = 4000
"""Characters that are read. What stands after is not a patient's message."""

_OFFERS_REMEMBERED: Final = 1_000
"""Offers of options whose words are remembered. They come from the content, the same for every patient."""

_MESSAGES_REMEMBERED: Final = 1_000
_READINGS_REMEMBERED: Final = 4_000
"""Short messages that everybody writes, and what they say where something was asked."""

_LABELS_REMEMBERED: Final = 1_000
"""Labels of options whose words are remembered: a list that is asked for again in part has the same."""

_ANAPHORIC: Final = 6
"""Words of a question that names nothing: ``obatnya apa ya dok``."""

_OF_NO_COMPLAINT: Final = ("out_of_scope", "thanks", "human", "clinic_info", "greet", "bye")
_SYMPTOMS: Final = frozenset(SYMPTOMS)
_OWN_VOICE: Final = 0.8
"""How much likelier the complaint that the rules find counts than what examples say."""
_AGE_SIGNS: Final = ("elderly", "child")


class Reader:
    """Reads messages. ``topics`` are knowledge topics with example questions, ``learned`` what examples taught.
    Construction indexes everything."""

    def __init__(
        self,
        lexicon: Lexicon,
        rules: Sequence[Rule] = (),
        topics: Mapping[str, Sequence[str]] | None = None,
        learned: Learned | None = None,
    ) -> None:
        self.lexicon = lexicon
        self.learned = learned or Learned()
        self.rules = tuple(rules)
        forms = written_forms(lexicon)
        self._speller = Speller(lexicon, forms)
        self._neighbours = Neighbours(lexicon.neighbours, forms)
        self._questioning = Questioning(lexicon.asking)
        self._atoms = Atoms(canonical_groups(lexicon, forms), frozenset(lexicon.plain))
        self._matcher = Matcher(compiled_patterns(lexicon, forms, self._atoms))
        self._quantities = Quantities(lexicon.numbers, lexicon.units)
        self._days = {canonical(atom, forms): value for atom, value in lexicon.days.items()}
        for atom in self._days:
            self._atoms.learn(atom)
        self._traits = compiled_traits(lexicon)
        self._known = (
            frozenset(lexicon.words)
            | frozenset(lexicon.plain)
            | frozenset(lexicon.units)
            | frozenset(lexicon.numbers)
            | {canonical(word, forms) for word in spoken_of(lexicon, forbidden=False)}
        )
        self._alarms = alarms(rules)
        phrases = [
            Phrase(intent, text, tuple(content_words(self.message(text))))
            for intent, text in as_phrases(lexicon.phrases)
        ]
        self._intents = IntentReader(PhraseBank(phrases))
        self._offer = lru_cache(_OFFERS_REMEMBERED)(self._options)
        self._label = lru_cache(_LABELS_REMEMBERED)(self._label_words)
        self._said = Memory[str, _Said](_MESSAGES_REMEMBERED)
        self._readings = Memory[tuple[str, Expecting | None], Reading](_READINGS_REMEMBERED)
        self._topics = TopicIndex(
            {
                topic: [self._topic_words(self.message(text)) for text in texts]
                for topic, texts in (topics or {}).items()
            }
        )

    def message(self, text: str) -> Message:
        """The words of ``text`` as the patterns see them."""
        tokens = self._speller.spell(tokenize(text, self.lexicon.emoji))
        self._neighbours.settle(tokens)
        return Message(text, tokens, self._atoms)

    def read(self, text: str, expecting: Expecting | None = None) -> Reading:
        """What ``text`` says. Never fails, whatever the text."""
        said = self._said.get(text)
        if said is None:
            said = _Said(self, text)
            if not is_everybodys(said.message, self._is_of_the_lexicon):
                return said.reading(expecting)
            self._said.keep(text, said)
        reading = self._readings.get((text, expecting))
        if reading is None:
            reading = said.reading(expecting)
            self._readings.keep((text, expecting), reading)
        return reading

    def _is_of_the_lexicon(self, token: Token) -> bool:
        return token.word in self._known and self._speller.known(token.surface)

    def _options(self, offered: tuple[tuple[str, str], ...]) -> Options:
        """The options of an offer as an answer may name them."""
        return Options(tuple(id for id, _ in offered), tuple(self._label(label) for _, label in offered))

    def _label_words(self, label: str) -> str:
        return " ".join(self.message(label).words)

    def _rank(self, message: Message) -> Topics:
        return self._topics.rank(self._topic_words(message))

    def _topic_words(self, message: Message) -> list[str]:
        return [word for word, weight in zip(message.words, message.weights, strict=True) if weight]


class _Said:
    """What the words of one message say: each step finds what the next ones need. The same words can answer many
    questions, so all that no question changes is found once."""

    def __init__(self, reader: Reader, text: str) -> None:
        self.reader = reader
        self.text = text
        self.message = message = reader.message(text[:LONGEST])
        self.opinion = reader.learned.judge(message)
        self.matches = _by_kind(reader._matcher.find(message))
        self.scopes = Scopes(message, [*self._of("sign"), *self._of("complaint")], reader._traits.earnest)
        self.polarities: dict[tuple[str, tuple[int, ...]], Polarity] = {}
        parts = self._not_set_right(without_inner(self._of("body_part")))
        self.complaint = complaint = self._complaint(parts)
        self.told = told = read_signs(
            self._of("sign"), self._of("denial"), parts, message, self._polarity, reader._traits
        )
        self.symptoms = [match for sign, match in told.matches.items() if sign in _SYMPTOMS]
        self.rivals = [match for match in self.symptoms if not _overlaps(match, complaint)]
        self.part = find_body_part(complaint, parts, message)
        self._tell_complaint(complaint, self.part, told)
        self.side = find_side(self._not_set_right(self._of("side")), self.part, complaint, message)
        self.recurrence = find_recurrence(self._of("recurrence"), complaint, self.rivals, message)
        self.numbers = reader._quantities.numbers(message)
        self.stretches = reader._quantities.stretches(message, self.numbers)
        self.times = read_times(message, self.stretches, self.numbers, reader._days)

    def reading(self, expecting: Expecting | None) -> Reading:
        """The reading, where ``expecting`` is asked."""
        times = self._expected(expecting)
        found, signs = self._unasked if times is self.times else self._found(times)
        return found.as_answer(
            number=self._number(expecting),
            answer=read_answer(self.message, signs, expecting),
            chosen=self._chosen(found, signs, expecting) if expecting else (),
        )

    @cached_property
    def _unasked(self) -> tuple[Reading, Mapping[str, bool]]:
        """What is found with the times as they are told."""
        return self._found(self.times)

    def _found(self, times: Sequence[Time]) -> tuple[Reading, Mapping[str, bool]]:
        """The reading, but for what it answers, with these times; and the polarity of every sign."""
        age = _age(times)
        told = self.told if age is None else _of_age(self.told, age)
        filled, onsets = self._filled(times, told)
        if filled.onset is None and told.polarity.get("weakness") and not filled.recurrence:
            onsets = {**sudden_onsets(told.matches.get("weakness"), self.message), **onsets}
        facts = partial(as_facts, filled.values, filled.days, filled.seconds, age, onsets=onsets)
        told, alarm, loose = judge(self.reader._alarms, facts, told, self.opinion, asked_about=bool(self.complaint))
        intent = weighed(self._intent(filled, told, self._has_quantity(times)), self.opinion)
        if alarm is not None and intent.name == "out_of_scope":
            intent = Intent("complaint", 92.0, rule="a danger is told")
        if not filled.complaint and intent.name in _OF_NO_COMPLAINT and not told.polarity:
            filled = filled._replace(recurrence=None, onset=None)
        slots, in_field = filled.values, intent.name != "out_of_scope" or alarm is not None
        reading = Reading(
            text=self.text,
            intent=intent.name,
            score=intent.score,
            complaint=slots["complaint"],
            body_part=slots["body_part"],
            side=slots["side"],
            duration_days=filled.days,
            episode_seconds=filled.seconds,
            recurrence=slots["recurrence"],
            symptoms=split(told.polarity, SYMPTOMS),
            factors=split(told.polarity, FACTORS if in_field else SAID_OF_ANYBODY),
            emergency=alarm is not None,
            dangers=split(told.polarity, DANGERS),
            doubts=frozenset(told.doubts),
            loose=loose,
            onsets=onsets,
            age=age,
            rank=partial(self.reader._rank, self.message),
            explain=partial(explain, self.message, filled, told, intent, alarm),
            listen=partial(self.reader._questioning.asked, self.text),
        )
        return reading, told.polarity

    def _filled(self, times: Sequence[Time], told: Told) -> tuple[Filled, dict[str, float]]:
        """The slots, with these times; and the onsets of signs that have one of their own."""
        complaint, part = self.complaint, self.part
        onset, onsets = self._onset(times, complaint, self.rivals, part)
        episode = nearest_time([time for time in times if time.kind == "episode"], complaint, self.message)
        mentions = (*complaint, *([part.match] if part else []), *self.symptoms)
        if is_elsewhere(self.message, complaint, part, told, mentions, self.foreign[0]):
            return Filled(episode=episode, elsewhere=True), onsets
        return Filled(complaint, part, self.side, self.recurrence, onset, episode), onsets

    @cached_property
    def foreign(self) -> tuple[int, int]:
        """How many words are of no known field, and how many mean anything at all."""
        return foreign_words(self.message, self.reader._known.__contains__)

    def _has_quantity(self, times: Sequence[Time]) -> bool:
        """Whether a time is told, or the message is a bare number."""
        return any(time.kind != "none" for time in times) or bool(self.numbers and len(self.message) <= 2)

    def _of(self, kind: str) -> list[Match]:
        return self.matches.get(kind, [])

    def _polarity(self, match: Match) -> Polarity:
        key = (match.concept, match.tokens)
        if key not in self.polarities:
            self.polarities[key] = self.scopes.polarity(match)
        return self.polarities[key]

    def _not_set_right(self, matches: Sequence[Match]) -> list[Match]:
        """Those that are not corrected: of ``bukan betis, paha`` the second."""
        return [match for match in matches if not self.scopes.is_set_right(match)]

    def _complaint(self, parts: Sequence[Match]) -> list[Match]:
        """The mentions of the complaint that the rules find, unless the examples clearly know better."""
        mentions = self._of("complaint")
        found = find_complaint(mentions, self._polarity, asks=bool(self._of("question")))
        told = name(found[0]) if found else NONE
        best, likely = self.opinion.weighed(COMPLAINT, told, _OWN_VOICE)
        if best == told:
            return found
        if best == NONE:
            return []
        there = [match for match in mentions if name(match) == best]
        if there and found and COMPLAINTS.index(best) > COMPLAINTS.index(told):
            return found  # of several that are told the first counts, whatever sounds like the main one
        if there and all(self._polarity(match) in (Polarity.absent, Polarity.gone) for match in there):
            return found  # what is denied is no complaint, however often it is one
        token = self.opinion.token(COMPLAINT, best)
        return there or [Match(f"complaint:{best}", "like the examples", (token,), 100 * likely)]

    def _tell_complaint(self, complaint: Sequence[Match], part: Slot | None, told: Told) -> None:
        """A complaint of swelling, numbness or weakness is the sign of that name as well, unless it is elsewhere."""
        sign = name(complaint[0]) if complaint else ""
        if sign not in self.reader._traits.local:
            return
        if part and part.value == OTHER:
            if sign not in self.reader._traits.whole:
                told.polarity.pop(sign, None)
            return
        if sign in told.polarity or sign in told.doubts or self._polarity(complaint[0]) is not Polarity.present:
            return
        told.polarity[sign] = True
        told.matches.setdefault(sign, complaint[0])

    def _expected(self, expecting: Expecting | None) -> Sequence[Time]:
        """The times in the light of the question: ``65 tahun`` after one for the age, ``2`` after one for the days."""
        if expecting is None:
            return self.times
        return expected_times(self.message, self.times, self.numbers, self.stretches, expecting)

    def _onset(
        self, times: Sequence[Time], complaint: Sequence[Match], rivals: Sequence[Match], part: Slot | None
    ) -> tuple[Time | None, dict[str, float]]:
        """The complaint's onset, and those of signs that have one of their own."""
        onsets = [time for time in times if time.kind == "onset"]
        anchors = list(complaint) or ([part.match] if part else [])
        owned: dict[str, Time] = {}
        own: list[Time] = []
        for time in onsets:
            nearest = owner(time, [*anchors, *rivals], self.message)
            if (
                nearest is not None
                and nearest in rivals
                and anchors
                and self.message.distance(nearest.first, time.first) < 50
            ):
                owned[name(nearest)] = time
            else:
                own.append(time)
        best = nearest_time(own or list(owned.values()), anchors, self.message)
        if not own:
            owned = {}
        return best, own_onsets(owned, best.value if best else None)

    def _intent(self, filled: Filled, told: Told, quantities: bool) -> Intent:
        foreign, meaningful = self.foreign
        complaint = bool(filled.complaint)
        local = filled.part is not None and filled.part.value != OTHER
        told_any = bool(told.polarity or told.doubts)
        sick = is_sick(told)
        found = Found(
            complaint=complaint,
            alarming=sick,
            facts=told_any or quantities or local or bool(filled.side or filled.recurrence or self._of("complaint")),
            in_scope=complaint
            or local
            or sick
            or self.message.has("@domain")
            or (foreign == 0 and meaningful <= _ANAPHORIC),
            foreign=foreign,
            share=foreign / max(meaningful, 1),
            elsewhere=filled.elsewhere,
            local=local,
            asks=self.message.has("@asking") or any(token.asked for token in self.message.tokens),
            troubled=self.message.has("@trouble") and not told.polarity,
        )
        return self.reader._intents.read(self.message, [*self._of("question"), *self._of("hint")], found)

    def _number(self, expecting: Expecting | None) -> float | None:
        numbers = self.numbers
        alone = len(numbers) == 1 or (numbers and expecting and expecting.kind == "number")
        return numbers[0].value if alone else None

    def _chosen(self, found: Reading, signs: Mapping[str, bool], expecting: Expecting) -> tuple[str, ...]:
        if not expecting.options:
            return ()
        options = self.reader._offer(expecting.options)
        picked = read_choice(self.message, self.numbers, options, expecting) or self._meant(options)
        slots = {found.complaint, found.body_part, found.side, found.recurrence}
        return picked or tuple(option for option in options.ids if option in slots or signs.get(option))

    def _meant(self, options: Options) -> tuple[str, ...]:
        """The option that the message tells of in other words: ``tambah parah`` is ``Memburuk``."""
        told = [name(match) for match in self._of("choice")]
        return tuple(option for option in self.reader.lexicon.choices if option in told and option in options.ids)[:1]


def _age(times: Sequence[Time]) -> int | None:
    return next((int(time.value) for time in times if time.kind == "age"), None)


def _of_age(told: Told, age: int) -> Told:
    """What is told, with what the age alone says, whatever else was said of it."""
    polarity = {sign: present for sign, present in told.polarity.items() if sign not in _AGE_SIGNS}
    groups = zip(_AGE_SIGNS, (age >= ELDERLY_FROM, age < ADULT_FROM), strict=True)
    return replace(told, polarity={**polarity, **{sign: True for sign, holds in groups if holds}})


def _by_kind(matches: Iterable[Match]) -> dict[str, list[Match]]:
    """The matches by kind, without those that use a word of a mask."""
    kinds: dict[str, list[Match]] = {}
    for match in matches:
        kinds.setdefault(match.concept.partition(":")[0], []).append(match)
    masked = {index for match in kinds.pop("mask", ()) for index in match.tokens}
    if masked:
        kinds = {kind: [match for match in found if masked.isdisjoint(match.tokens)] for kind, found in kinds.items()}
    return kinds


def _overlaps(match: Match, others: Sequence[Match]) -> bool:
    return any(set(match.tokens) & set(other.tokens) for other in others)

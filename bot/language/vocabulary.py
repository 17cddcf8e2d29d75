"""Every written form and the word that it is, and the words that patterns speak of."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bot.language.affixes import Affixes
from bot.language.lexicon import Lexicon


def written_forms(lexicon: Lexicon) -> dict[str, str]:
    """Form to word. A word of the field wins over a plain one, that over one that is only spoken of, last a guard."""
    forms = {word: word for word in lexicon.guard}
    declared = {**lexicon.plain, **lexicon.words}
    forms.update((word, word) for word in _number_words(lexicon) if word not in declared)
    for table in (lexicon.plain, lexicon.words):
        for word, written in table.items():
            forms.update(dict.fromkeys(written, word))
    forms.update((word, word) for word in declared)
    affixes = Affixes(lexicon.affixes)
    spoken = spoken_of(lexicon) - lexicon.joined.keys() - forms.keys()
    # Sorted, because of words that are equally near the first is taken: every process must read alike.
    stems = {word: affixes.stem(word, forms, lexicon.plain) or word for word in sorted(spoken)}
    return {**forms, **stems}


def canonical(line: str, forms: Mapping[str, str]) -> str:
    """A pattern or a list of words with every word in its canonical form: authors may write the form they like."""
    return " ".join(_canonical_part(part, forms) for part in line.split())


def canonical_groups(lexicon: Lexicon, forms: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The groups with their words in canonical form."""
    return {name: tuple(canonical(word, forms) for word in words) for name, words in lexicon.groups.items()}


def spoken_of(lexicon: Lexicon, *, forbidden: bool = True) -> set[str]:
    """Every word that a pattern, a group or a table names; with ``forbidden`` those too that patterns exclude."""
    lines = [source for table in _tables(lexicon) for sources in table.values() for source in sources]
    lines += lexicon.masks
    lines += [word for words in lexicon.groups.values() for word in words]
    lines += list(lexicon.days)
    return {
        word
        for line in lines
        for part in line.split()
        if forbidden or not part.startswith("!")
        for word in _words(part)
        if word.isalpha()
    }


def _tables(lexicon: Lexicon) -> Iterable[Mapping[str, Sequence[str]]]:
    return (
        lexicon.signs,
        lexicon.denials,
        lexicon.complaints,
        lexicon.body_parts,
        lexicon.sides,
        lexicon.recurrences,
        lexicon.questions,
        lexicon.cues,
    )


def _number_words(lexicon: Lexicon) -> Iterator[str]:
    yield from lexicon.numbers
    yield from lexicon.units


def _words(part: str) -> Iterator[str]:
    """The words of one element; groups are no words."""
    for atom in part.lstrip("!").split("|"):
        if not atom.startswith(("@", "~", ">")):
            yield from atom.strip("^$").split("_")


def _canonical_part(part: str, forms: Mapping[str, str]) -> str:
    mark = "!" if part.startswith("!") else ""
    return mark + "|".join(_canonical_atom(atom, forms) for atom in part[len(mark) :].split("|"))


def _canonical_atom(atom: str, forms: Mapping[str, str]) -> str:
    if atom.startswith(("@", "~", ">")):
        return atom
    start = "^" if atom.startswith("^") else ""
    end = "$" if atom.endswith("$") else ""
    words = atom[len(start) : len(atom) - len(end)].split("_")
    return start + "_".join(forms.get(word, word) for word in words) + end

"""``tanyakaki learn``: what the labelled examples teach, written beside the lexicon; and how well it does on examples
that it was kept from."""

import argparse
from collections.abc import Iterator, Sequence

from bot.content.learned import Labelled, labelled, own_words, save_learned
from bot.content.lexicon import load_lexicon
from bot.content.load import load_script
from bot.dialogue.script import Script
from bot.language import Reader
from bot.language.learned import EMERGENCY, HARMLESS, URGENT, features
from bot.settings import load_settings
from bot.training import Example, learn, tried

_PARTS = 5


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    learning = subparsers.add_parser("learn", help="learn from the labelled examples of the language")
    learning.add_argument("--try", action="store_true", dest="tried", help="also try it on what it was kept from")
    learning.set_defaults(run=run_learn)


def run_learn(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    folder = settings.knowledge_dir / "language"
    script = load_script(settings.flows_dir, settings.knowledge_dir, settings.clinic)
    reader = Reader(load_lexicon(folder), script.rules)
    examples = examples_of([*labelled(folder), *_of_the_house(script, reader)], reader)
    if arguments.tried:
        print(*_trial(examples), sep="\n", flush=True)
    learned = learn(examples)
    path = save_learned(folder, learned)
    print(f"{len(examples)} examples taught {len(learned.rows)} features: {path}")
    return 0


def examples_of(messages: Sequence[Labelled], reader: Reader) -> list[Example]:
    """The messages as they are learned from."""
    return [
        Example(
            frozenset(feature for feature, _ in features(reader.message(message.text))), message.labels, message.also
        )
        for message in messages
    ]


def _of_the_house(script: Script, reader: Reader) -> Iterator[Labelled]:
    """The words of the program itself, which the rules judge best."""
    for text in own_words(script):
        yield Labelled(text, {EMERGENCY: URGENT if reader.read(text).emergency else HARMLESS})


def _trial(examples: Sequence[Example]) -> Iterator[str]:
    """How often each head is right, without the rules, of examples that it did not learn from."""
    for head, found in tried(examples, _PARTS).items():
        right = sum(count for (_, rightly), count in found.items() if rightly)
        yield f"{head:14}{right:6} of {found.total():6}  {right / found.total():6.1%}"
        if head == EMERGENCY:
            for name, what in ((URGENT, "recall"), (HARMLESS, "specificity")):
                held, of = found[name, True], found[name, True] + found[name, False]
                yield f"  {what:12}{held:6} of {of:6}  {held / of:6.1%}"

"""``tanyakaki graph``: the dialogue trees, as Mermaid and as a page that a clinician can read."""

import argparse
import json
from pathlib import Path

from bot.content.graph import FOLDER, as_data, load_words, mermaid
from bot.ontology import COMPLAINTS
from bot.service import content_of
from bot.settings import load_settings


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("graph", help="the dialogue tree as Mermaid, or as a page to look at")
    parser.add_argument("flow", nargs="?", choices=COMPLAINTS, metavar="FLOW", help=f"one of {', '.join(COMPLAINTS)}")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with every flow and every rule")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    script, words = content_of(load_settings()).script, load_words()
    if arguments.html:
        page = html(as_data(script, words) | {"words": words.root, "first": arguments.flow or COMPLAINTS[0]})
        arguments.html.write_text(page, encoding="utf-8")
        print(f"{arguments.html}: {len(script.flows)} flows, {len(script.rules)} rules")
        return 0
    flows = [script.flows[arguments.flow]] if arguments.flow else list(script.flows.values())
    print("\n\n".join(mermaid(flow, script, words) for flow in flows))
    return 0


def html(data: dict[str, object]) -> str:
    """The page with ``data`` in it, in one file."""
    told = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    return (FOLDER / "tree.html").read_text(encoding="utf-8").replace('"__DATA__"', told)

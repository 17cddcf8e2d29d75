"""``tanyakaki init``: a folder of the clinic's own, with everything that it may change."""

import argparse
import secrets
import shlex
import sys
import tempfile
from pathlib import Path
from typing import Final

from bot.settings import shipped

TEMPLATE: Final = Path(__file__).with_name("dotenv.txt")
SAMPLE: Final = "clinic.yaml"

NEXT: Final = """\
{folder} is made. Next:
  1. cd {quoted}
  2. Edit clinic.yaml: the clinic's name, address, hours, phone.
     Edit .env: the settings, each explained. SECRET_KEY is new: keep a copy of it in a safe place.
     flows and knowledge are what is asked, decided and said; `tanyakaki check` proves every change.
  3. tanyakaki doctor   tests the settings and says how to mend what is wrong
  4. tanyakaki serve    starts the service and prints its addresses
With Docker: put the folder beside docker-compose.yml under the name `clinic`, and there
     docker compose --env-file clinic/.env up --detach"""


class InitError(Exception):
    """A folder that can't be made; says why and what to do."""


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("init", help="write a folder with the clinic's settings and content, to edit")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a new folder, or an empty one")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    folder: Path = arguments.folder
    try:
        make(folder)
    except InitError as error:
        print(f"tanyakaki: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"tanyakaki: {folder} can't be written: {error.strerror}; name another folder", file=sys.stderr)
        return 1
    print(NEXT.format(folder=folder, quoted=shlex.quote(str(folder))))
    return 0


def make(folder: Path) -> None:
    """Write the folder: whole, or nothing. Raises ``InitError`` where something is there already."""
    if folder.is_symlink() or folder.exists():
        _refuse_what_is_there(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = not folder.exists()
    if made:
        folder.mkdir()
        folder.chmod(0o755)
    try:
        # Written beside its place first, on the same disk: what is moved over can't fail half-way for want of space.
        with tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as new:
            _fill(Path(new))
            for child in sorted(Path(new).iterdir()):
                child.rename(folder / child.name)
    except BaseException:
        if made and not any(folder.iterdir()):
            folder.rmdir()
        raise


def _refuse_what_is_there(folder: Path) -> None:
    if not folder.is_dir():
        raise InitError(f"{folder} is no folder; name a new one, as in: tanyakaki init clinic")
    found = sorted(path.name for path in folder.iterdir())
    if found:
        named = ", ".join(found[:3]) + (", …" if len(found) > 3 else "")
        raise InitError(f"{folder} is not empty ({named}) and nothing is overwritten; name a new folder")


def _fill(folder: Path) -> None:
    _copy(shipped("flows"), folder / "flows")
    _copy(shipped("knowledge"), folder / "knowledge")
    # One clinic, one file: where CLINIC names it, the sample in the knowledge is not read.
    (folder / "knowledge" / SAMPLE).rename(folder / SAMPLE)
    text = TEMPLATE.read_text(encoding="utf-8")
    settings = folder / ".env"
    settings.touch(mode=0o600)
    settings.write_text(
        text.format(secret_key=secrets.token_urlsafe(48), redis_password=secrets.token_urlsafe(24)), encoding="utf-8"
    )


def _copy(source: Path, target: Path) -> None:
    """Copy a tree of content, to be changed by who made it and read by everybody: in a container that is another
    user."""
    for path in sorted([source, *source.rglob("*")]):
        place = target / path.relative_to(source)
        if path.is_dir():
            place.mkdir()
            place.chmod(0o755)
        else:
            place.write_bytes(path.read_bytes())
            place.chmod(0o644)

"""Faults in YAML are told with file, line, column and what was meant."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import pytest

from bot.content.source import ContentError, read
from bot.model import Model


class Item(Model):
    kind: Literal["multi", "choice"]
    label: str
    size: int = 1


class File(Model):
    items: Mapping[str, Item]
    order: tuple[str, ...] = ()


GOOD = """items:
  swelling:
    kind: multi
    label: Bengkak
order: [swelling]
"""


def faults(folder: Path, text: str | bytes) -> list[str]:
    path = folder / "file.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ContentError) as caught:
        read(path, File)
    return [str(fault).removeprefix(f"{path}:") for fault in caught.value.faults]


def test_a_good_file_is_read(folder: Path) -> None:
    path = folder / "file.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert read(path, File).value.items["swelling"].label == "Bengkak"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD.replace("label", "lable"), "4:5: unknown key 'lable' (did you mean 'label'?)"),
        (GOOD.replace("multi", "mutli"), "3:11: unknown value 'mutli' (did you mean 'multi'?)"),
        (GOOD.replace("    label: Bengkak\n", ""), "2:3: key 'label' is missing"),
        (GOOD.replace("label: Bengkak", "label: Bengkak\n    size: besar"), "5:11: input should be a valid integer"),
        (GOOD + "items: {}\n", "6:1: key 'items' stands here twice"),
        (GOOD.replace("[swelling]", "[swelling"), "is not YAML"),
        ("", "1:1: is empty"),
        (b"items:\n  \xff\xfe: 1\n", "2:1: is not UTF-8 text"),
        ("- 1\n- 2\n", "1:1:"),
    ],
)
def test_each_fault_has_its_place(folder: Path, text: str | bytes, expected: str) -> None:
    assert any(expected in fault for fault in faults(folder, text)), faults(folder, text)


def test_every_fault_of_a_file_is_told_at_once(folder: Path) -> None:
    found = faults(folder, GOOD.replace("label", "lable").replace("multi", "mutli"))
    assert len(found) == 3


def test_a_missing_file_is_a_clear_fault(folder: Path) -> None:
    with pytest.raises(ContentError, match="cannot be read: No such file"):
        read(folder / "none.yaml", File)

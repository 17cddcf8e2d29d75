"""What the documentation names is there, and what it shows is run."""

import re
import subprocess
from collections.abc import Iterator

import pytest
import yaml

from bot.settings import Settings
from tests.docs.reading import PAGES, ROOT, Page, commands_in, problem_of

OF_OTHERS = {
    "REDIS_PASSWORD",  # read by docker-compose.yml
    "REDIS_MEMORY",
    "COMPOSE_ENV_FILES",  # of Docker
    "FORWARDED_ALLOW_IPS",  # of uvicorn
    "XDG_CACHE_HOME",
}
"""Variables of the environment that are no settings of ours."""

MADE_LATER = ("clinic/", "dist/", "data", ".env", ".venv", "skema", "klinik", "knowledge/klinik.yaml", "artifacts/")
"""What a reader makes, or a command does."""

PLACE = re.compile(r"(?:bot|tests|flows|knowledge|docs|benchmarks|\.ci)/[\w./*{},-]*")


@pytest.fixture(params=PAGES, ids=[path.name for path in PAGES])
def page(request: pytest.FixtureRequest) -> Page:
    return Page(request.param)


def test_links_lead_somewhere(page: Page) -> None:
    for link in page.links():
        path, _, anchor = link.partition("#")
        target = (page.path.parent / path).resolve() if path else page.path
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        assert not anchor or anchor in Page(target).anchors(), link


def test_every_command_is_one(page: Page) -> None:
    for line in page.code():
        for words in commands_in(line):
            assert problem_of(words) == "", line


def test_every_setting_is_one(page: Page) -> None:
    settings = {name.upper() for name in Settings.model_fields} | OF_OTHERS
    for line in page.code():
        for name in re.findall(r"\b([A-Z]+(?:_[A-Z]+)*)=", line) + re.findall(r"^([A-Z]+(?:_[A-Z]+)+)$", line):
            assert name in settings or name in ("SECRET", "FAULTS", "PYTHON", "STORED", "STORED_MESSAGES"), line


def test_every_make_target_is_one(page: Page) -> None:
    (targets,) = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for line in page.code():
        for target in re.findall(r"(?:^|[$&] )make ([a-z]+)", line):
            assert target in targets.split(), line


def test_every_file_that_is_named_is_there(page: Page) -> None:
    for span in page.spans():
        for name in PLACE.findall(span):
            if not name.startswith(MADE_LATER) and "{" not in name:
                assert any(ROOT.glob(name.rstrip("/"))) or any((ROOT / "docs").glob(name)), name


def test_every_page_is_in_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    linked = {link.partition("#")[0] for link in Page(index).links()}
    assert {path.name for path in index.parent.glob("*.md")} - {index.name} <= linked
    assert "docs/README.md" in Page(ROOT / "README.md").links()


def test_the_desk_has_the_words_that_its_manual_shows() -> None:
    shown = "".join(_words_of_the_desk()).casefold()
    for words in re.findall(r"\*\*([^*]+)\*\*", Page(ROOT / "docs" / "meja.md").text):
        assert " ".join(words.split()).casefold() in shown, words


def _words_of_the_desk() -> Iterator[str]:
    for folder, kind in (("pages", "*.html"), ("static", "*.js")):
        for path in sorted((ROOT / "bot" / "desk" / folder).glob(kind)):
            yield " ".join(re.sub(r"<[^>]*>", " ", path.read_text(encoding="utf-8")).split())
            yield path.read_text(encoding="utf-8")
    yield (ROOT / "bot" / "desk" / "looking.py").read_text(encoding="utf-8")


def test_yaml_and_json_can_be_read(page: Page) -> None:
    for fence in page.fences("yaml", "json"):
        assert yaml.safe_load(fence.body) is not None


def test_no_page_names_a_machine(page: Page) -> None:
    assert not re.findall(r"/(?:work|root|home|Users)/", page.text)


def test_scripts_of_python_can_be_compiled(page: Page) -> None:
    for fence in page.fences("python"):
        compile(fence.body, str(page.path), "exec")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("tanyakaki check", ""),
        ("x && ../.venv/bin/tanyakaki serve --workers 2 & tanyakaki doctor", ""),
        ("tanyakaki staff add rina --role clinician", ""),
        ("tanyakaki prove", "there is no command 'prove'"),
        ("tanyakaki staff remove rina", "there is no command 'remove'"),
        ("tanyakaki serve --fast", "there is no option '--fast'"),
    ],
)
def test_the_guard_sees_what_is_no_command(line: str, problem: str) -> None:
    assert "".join(map(problem_of, commands_in(line))) == problem


def test_the_guard_sees_a_page() -> None:
    assert len(PAGES) >= 12
    readme = Page(ROOT / "README.md")
    assert any(commands_in(line) for line in readme.code())
    assert "docs/whatsapp.md" in readme.links()


def test_blocks_of_shell_can_be_read_by_one(page: Page) -> None:
    for fence in page.fences("sh"):
        done = subprocess.run(["sh", "-n"], input=fence.body, text=True, capture_output=True, check=False)
        assert done.returncode == 0, (fence.body, done.stderr)

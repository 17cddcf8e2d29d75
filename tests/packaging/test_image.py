"""The image: small, without privileges, without secrets, and of what the rest of the project says."""

import re
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from packaging.specifiers import SpecifierSet

from bot.cli import _parser
from bot.content import Content
from bot.settings import Settings
from bot.web import create_app
from tests.packaging.image import APP, ROOT, all_of, as_list, copied, environment, ignored, instructions, last

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
HEALTH_CHECKS = [last("HEALTHCHECK"), " ".join(APP["healthcheck"]["test"])]


def command() -> tuple[str, int]:
    """Where the image's command listens, as the program itself understands it."""
    parsed = _parser().parse_args(as_list(last("CMD")))
    return parsed.host, parsed.port


def test_python_is_one_that_the_project_takes() -> None:
    (argument,) = all_of("ARG")
    version = argument.removeprefix("PYTHON=")
    assert SpecifierSet(PROJECT["requires-python"]).contains(version)
    assert [image.split()[0] for image in all_of("FROM")] == ["python:${PYTHON}-slim-bookworm"] * 2


def test_what_is_copied_exists_and_is_let_through() -> None:
    for source in copied():
        assert (ROOT / source).exists()
        assert not ignored(source)


@pytest.mark.parametrize(
    "path", [".env", "clinic/.env", "data/secret_key", ".git/config", "tests/serving.py", "id_rsa"]
)
def test_what_is_secret_or_useless_is_kept_out(path: str) -> None:
    assert ignored(path)


def test_caches_are_kept_out_of_what_is_copied() -> None:
    assert ignored("bot/commands/__pycache__/serve.cpython-311.pyc")
    assert not ignored("bot/commands/serve.py")


def test_everything_is_installed_from_the_lock_with_hashes() -> None:
    installs = [part for rest in all_of("RUN") for part in rest.split("&&") if re.search(r"\binstall --no", part)]
    locked, own = installs
    assert "--require-hashes --requirement requirements.lock" in locked
    assert "--no-deps --no-build-isolation" in own


def test_no_place_to_install_from_is_named_and_nothing_is_fetched_otherwise() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert not re.search(r"index-url|find-links|trusted-host|PIP_|curl|wget|apt-get|ADD ", text)


def test_no_secret_is_set_in_a_layer() -> None:
    secret = {"secret_key", "telegram_token", "telegram_webhook_secret", "twilio_auth_token", "redis_url"}
    assert not {name.lower() for name in environment()} & secret
    assert not {name.lower() for name in environment()} & (set(Settings.model_fields) - {"data_dir"})


def test_it_runs_as_a_user_without_rights() -> None:
    user, group = last("USER").split(":")
    assert user == group
    assert int(user) >= 10_000
    names = [name for name, _ in instructions()]
    assert names[names.index("USER") :].count("RUN") == 0
    assert f"--uid {user} --gid {group}" in " ".join(all_of("RUN"))


def test_it_starts_the_program_itself() -> None:
    (script,) = PROJECT["scripts"]
    assert as_list(last("ENTRYPOINT")) == [script]


def test_the_port_is_the_programs_own() -> None:
    host, port = command()
    assert host == "0.0.0.0"
    assert port == int(last("EXPOSE")) == _parser().parse_args(["serve"]).port


@pytest.mark.parametrize("check", HEALTH_CHECKS, ids=["image", "compose"])
def test_health_checks_ask_a_route_that_exists(check: str, content: Content) -> None:
    (url,) = re.findall(r"http://[^'\"]+", check)
    app = create_app(Settings(redis_url="redis://localhost", secret_key="x" * 32), content)
    assert urlsplit(url).path in {route.path for route in app.routes}  # type: ignore[attr-defined]
    assert urlsplit(url).netloc == f"127.0.0.1:{command()[1]}"
    assert "python" in check  # the image has no curl


def test_the_guard_sees_what_is_let_through(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / ".dockerignore").write_text("**/*.pyc\n", encoding="utf-8")
    monkeypatch.setattr("tests.packaging.image.ROOT", folder)
    assert not ignored(".env")
    assert ignored("bot/x.pyc")

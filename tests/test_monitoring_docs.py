"""The dashboard, the alerts and their manual name what the program exports, and leave nothing out."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from bot.metrics import Metrics
from bot.monitoring import StoreFailures
from bot.ontology import Level
from tests.test_architecture import PACKAGE

DOCS = PACKAGE.parent / "docs"
NAME = re.compile(r"\b(?:tanyakaki|process)_\w+")
SELECTOR = re.compile(r"\b((?:tanyakaki|process)_\w+)\{([^}]*)\}")
MATCHER = re.compile(r"(\w+)(=~|!~|!=|=)\"([^\"]*)\"")
GIVEN = {"instance", "job", "le"}
"""Labels that Prometheus adds."""


def exported() -> dict[str, set[str]]:
    """Every name that a query may hold, with its labels."""
    metrics = Metrics()
    metrics.registry.register(StoreFailures())
    labels = {of._name: set(of._labelnames) for of in vars(metrics).values() if hasattr(of, "_labelnames")}
    labels["tanyakaki_redis_errors"] = {"error"}
    found: dict[str, set[str]] = {}
    for family in metrics.registry.collect():
        suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(family.type, ("",))
        found |= {f"{family.name}{suffix}": labels.get(family.name, set()) for suffix in suffixes}
    return found


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((DOCS / "monitoring" / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DOCS / "monitoring" / "grafana.json").read_text(encoding="utf-8"))
    return loaded


def queries() -> list[str]:
    panels = [target["expr"] for panel in dashboard()["panels"] for target in panel.get("targets", ())]
    return [*panels, *(rule["expr"] for rule in rules())]


def faults(query: str) -> Iterator[str]:
    """What a query names that nobody exports."""
    names = exported()
    yield from (f"{name} is not exported" for name in NAME.findall(query) if name not in names)
    for name, matchers in SELECTOR.findall(query):
        for label, _, values in MATCHER.findall(matchers):
            if label not in names.get(name, set()) | GIVEN:
                yield f"{name} has no label {label}"
            if label == "level" and not set(values.split("|")) <= {*Level.__members__, "none"}:
                yield f"{values} are no levels"
    for aggregated in re.findall(r"\bby \(([^)]*)\)", query):
        known = set().union(*(names.get(name, set()) for name in NAME.findall(query))) | GIVEN
        yield from (f"nothing has a label {label}" for label in re.split(r",\s*", aggregated) if label not in known)
    if query.count("(") != query.count(")"):
        yield "brackets do not match"


@pytest.mark.parametrize("query", queries())
def test_a_query_names_what_is_exported(query: str) -> None:
    assert list(faults(query)) == []


@pytest.mark.parametrize(
    "query",
    [
        "sum(tanyakaki_nothing_total)",
        "tanyakaki_turns",
        'tanyakaki_ready{kind="x"}',
        'tanyakaki_outcomes_total{level="urgent"}',
        "sum by (colour) (tanyakaki_ready)",
        "sum((tanyakaki_ready)",
    ],
)
def test_the_guard_sees_a_wrong_query(query: str) -> None:
    assert list(faults(query))


def test_every_metric_is_shown_and_explained() -> None:
    shown = set(NAME.findall(" ".join(queries())))
    told = (DOCS / "monitoring.md").read_text(encoding="utf-8")
    for name in exported():
        if name.startswith("tanyakaki_") and not name.endswith(("_sum", "_count")):
            assert name in shown, name
            assert f"`{name.removesuffix('_bucket')}`" in told, name


def test_every_alert_says_what_it_means_and_what_to_do() -> None:
    told = (DOCS / "monitoring.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^### (\w+)$", told, re.MULTILINE))
    assert explained == {rule["alert"] for rule in rules()}
    for rule in rules():
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("page", "ticket", "info")
        assert set(rule["annotations"]) == {"summary", "description"}
        assert re.fullmatch(r"\d+[mh]", rule.get("for", "1m"))


def test_the_dashboard_is_whole() -> None:
    board = dashboard()
    assert {"title", "uid", "schemaVersion", "templating", "time", "panels"} <= set(board)
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert all(x < 24 for x, _ in cells)
        taken |= cells
        for target in panel.get("targets", ()):
            assert target["datasource"]["uid"] == "${datasource}"


def test_the_scrape_config_reads_the_alerts_and_the_service() -> None:
    config = yaml.safe_load((DOCS / "monitoring" / "prometheus.yml").read_text(encoding="utf-8"))
    assert [(DOCS / "monitoring" / name).is_file() for name in config["rule_files"]] == [True]
    (job,) = config["scrape_configs"]
    assert f'job="{job["job_name"]}"' in " ".join(queries())
    compose = yaml.safe_load((PACKAGE.parent / "docker-compose.yml").read_text(encoding="utf-8"))
    assert job["dns_sd_configs"][0]["names"][0] in compose["services"]
    assert "metrics_path" not in job, "the default, /metrics, is ours"


def test_the_manual_links_what_is_there() -> None:
    told = (DOCS / "monitoring.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\((monitoring/[\w.]+)\)", told)
    assert {DOCS / path for path in links} == set((DOCS / "monitoring").iterdir())

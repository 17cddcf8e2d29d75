"""What Prometheus would see."""

import httpx
from prometheus_client.parser import text_string_to_metric_families

Numbers = dict[tuple[str, frozenset[tuple[str, str]]], float]


def parsed(text: str) -> Numbers:
    """The samples of an exposition, by name and labels. Raises where it can't be read."""
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    found = {(sample.name, frozenset(sample.labels.items())): sample.value for sample in samples}
    assert len(found) == len(samples), "a sample stands there twice"
    return found


async def scraped(client: httpx.AsyncClient) -> Numbers:
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return parsed(answer.text)


def value(numbers: Numbers, name: str, **labels: str) -> float | None:
    """One sample of ours; None where it is not there."""
    return numbers.get((f"tanyakaki_{name}", frozenset(labels.items())))

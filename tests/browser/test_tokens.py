"""The design tokens reach WCAG AA: 4.5:1 for text, 3:1 for the borders of controls, in light and in dark."""

import re

import pytest

from tests.browser.fake import PAGE

TEXT_ON = {
    "ink": ["paper", "surface", "surface-raised", "surface-sunken", "bubble-in"],
    "ink-soft": ["paper", "surface", "surface-raised", "surface-sunken", "bubble-in"],
    "ink-faint": ["surface-sunken", "bubble-in", "surface"],
    "brand": ["surface", "surface-raised", "bubble-in", "paper"],
    "on-brand": ["brand", "brand-hover"],
    "on-brand-soft": ["brand-soft"],
    "bubble-out-ink": ["bubble-out"],
    "bubble-out-soft": ["bubble-out"],
    "staff": ["bubble-in", "staff-soft"],
    "calm": ["calm-soft", "surface"],
    "advise": ["advise-soft", "surface"],
    "urgent": ["urgent-soft", "surface"],
    "on-danger": ["danger", "danger-hover"],
    "danger-ink": ["danger-soft"],
    "danger-title": ["danger-soft", "surface-sunken", "surface"],
}
CONTROLS_ON = {
    "line-strong": ["surface", "surface-sunken", "surface-raised", "paper"],
    "focus": ["surface", "paper"],
    "tick-done": ["bubble-out"],
    "danger": ["danger-soft"],
}
CSS = (PAGE / "tokens.css").read_text(encoding="utf-8")
LIGHT, DARK = (dict(re.findall(r"--([\w-]+):\s*#([0-9a-f]{6});", part)) for part in CSS.split("@media", 1))


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_wcag_measures_it() -> None:
    assert contrast("000000", "ffffff") == pytest.approx(21)
    assert contrast("777777", "ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT_ON, 4.5), (CONTROLS_ON, 3.0)], ids=["text", "controls"])
def test_contrast(scheme: str, pairs: dict[str, list[str]], least: float) -> None:
    colours = LIGHT | (DARK if scheme == "dark" else {})
    weak = [
        f"{front} on {back}: {contrast(colours[front], colours[back]):.2f}"
        for front, backs in pairs.items()
        for back in backs
        if contrast(colours[front], colours[back]) < least
    ]
    assert not weak


def test_every_colour_has_a_dark_counterpart() -> None:
    assert set(LIGHT) == set(DARK)

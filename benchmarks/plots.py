"""Draw the figures of the last complete benchmark for the documentation.

Run: python -m benchmarks.plots
"""

import json
from pathlib import Path
from typing import Any

from benchmarks.missing import Missing

FOLDER = Path(__file__).parent.parent / "docs" / "explanation" / "performance"
COLOURS = {"dot": "#8a8f98", "oidc_provider": "#c9a24b", "ours": "#2f6fde"}
NAMES = {"dot": "django-oauth-toolkit", "oidc_provider": "django-oidc-provider", "ours": "oidc_session"}
PICTURES = {
    "middleware": ("instructions", "What the middleware adds to a request: instructions", "linear"),
    "authorization": ("ms CPU", "An authorization: milliseconds of CPU", "linear"),
    "logout": ("ms", "A logout by an application: milliseconds", "log"),
    "throughput": ("a second", "Authorizations a second, 32 people at once, 2 workers", "linear"),
}
BEGINS = {
    "middleware": "middleware",
    "authorization": "authorization,",
    "logout": "logout by",
    "throughput": "authorizations",
}


def main() -> None:
    rows = json.loads((FOLDER / "results.json").read_text(encoding="utf-8"))["rows"]
    for name, (unit, title, scale) in PICTURES.items():
        chosen = [row for row in rows if row["unit"] == unit and row["what"].startswith(BEGINS[name])]
        draw(FOLDER / f"{name}-bars.svg", title, chosen, scale)


def draw(picture: Path, title: str, rows: list[dict[str, Any]], scale: str) -> None:
    """Draw a group of bars for each row, one for each who was measured."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise Missing("matplotlib", "pip install matplotlib") from error
    figure = Figure(figsize=(9, 1.2 + 0.75 * len(rows)), layout="tight")
    axes = figure.subplots()
    for place, (name, colour) in enumerate(COLOURS.items()):
        bars = [(index + 0.26 * (place - 1), row[name]) for index, row in enumerate(rows) if row[name] is not None]
        if bars:
            drawn = axes.barh(*zip(*bars, strict=True), height=0.24, color=colour, label=NAMES[name])
            axes.bar_label(drawn, fmt=lambda value: f"{value:,.3g}" if value < 100 else f"{value:,.0f}", padding=3)
    axes.set_yticks(range(len(rows)), [row["what"].partition(", ")[2] for row in rows])
    axes.set(title=title, xscale=scale)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    figure.savefig(picture, metadata={"Date": None})


if __name__ == "__main__":
    main()

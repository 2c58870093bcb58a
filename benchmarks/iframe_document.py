"""What a browser fetches to have the OP iframe: how often, how much, and how long it may keep it."""

import gzip
import re
from collections.abc import Iterator
from typing import Any

from benchmarks.contenders import contenders
from benchmarks.rows import Row, show

APPLICATIONS = 10_000
MAX_AGE = re.compile(r"max-age=([1-9][0-9]*)")


def measure() -> Iterator[Row]:
    with contenders("oidc_provider", "oidc_session") as both:
        documents = {one.name: one.do("iframe_document") for one in both}
        with_many = both[1].do("iframe_document", applications=APPLICATIONS)
    yield row("requests", 1, {name: len(parts(found)) for name, found in documents.items()})
    yield row("bytes", 4000, {name: size(found) for name, found in documents.items()})
    yield row("bytes compressed", 2000, {name: compressed_size(found) for name, found in documents.items()})
    yield row("requests when it was there before", 0, {name: asked_again(found) for name, found in documents.items()})
    changed = size(with_many) - size(documents["oidc_session"])
    yield Row(f"OP iframe's document, with {APPLICATIONS:,} applications", "bytes more", changed, 0)


def row(unit: str, limit: float, measured: dict[str, float]) -> Row:
    return Row("OP iframe's document", unit, measured["oidc_session"], limit, oidc_provider=measured["oidc_provider"])


def parts(document: dict[str, Any]) -> list[bytes]:
    """Return what is fetched, one for each request."""
    return [text.encode() for text in (document["page"], *document["scripts"].values())]


def size(document: dict[str, Any]) -> int:
    return sum(map(len, parts(document)))


def compressed_size(document: dict[str, Any]) -> int:
    return sum(len(gzip.compress(part)) for part in parts(document))


def asked_again(document: dict[str, Any]) -> int:
    """Return how many requests a browser makes that has it all; a script's server is taken to let it be kept."""
    return 0 if MAX_AGE.search(document["headers"].get("Cache-Control", "")) else 1


if __name__ == "__main__":
    show(measure())

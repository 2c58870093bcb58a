"""axe-core looks at a page, in its light and its dark colours."""

from functools import cache

from tests.servers import ROOT

RUN = "async () => (await axe.run(document, {iframes: false})).violations"  # The frames are others' pages.


@cache
def axe():
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def violations(page):
    """Return what is wrong by rule and place, in each colour scheme."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.evaluate(axe())
        for rule in page.evaluate(RUN):
            found += [f"{scheme} {rule['id']}: {node['html']} {node['failureSummary']}" for node in rule["nodes"]]
    return found

"""axe-core looks at a page, in its light and its dark colours."""

from functools import cache

from tests.servers import ROOT

RUN = """async ([within, rules]) => {
  document.getAnimations().filter((one) => one instanceof CSSTransition).forEach((one) => one.finish());
  return (await axe.run(within, {iframes: false, rules})).violations;  // The frames are others' pages.
}"""


@cache
def axe():
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def violations(page, within="html", but=()):
    """Return what is wrong by rule and place, in each colour scheme; `but` names rules that others break."""
    found, rules = [], {rule: {"enabled": False} for rule in but}
    page.evaluate(axe())
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for rule in page.evaluate(RUN, [within, rules]):
            found += [f"{scheme} {rule['id']}: {node['html']} {node['failureSummary']}" for node in rule["nodes"]]
    return found


def expect_no_sideways_scrolling(page, width=360):
    """See that all is there on a phone."""
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    page.set_viewport_size(before)

"""Texts that the source marks for translation, and what the catalogues make of them."""

import ast
import gettext
import re
from pathlib import Path

from django.utils.translation.template import templatize

import oidc_session

PROVIDER = Path(oidc_session.__file__).parent
RELYING_PARTY = PROVIDER / "rp"
LANGUAGES = ["de", "fr"]
MARKS = {"_": 1, "gettext": 1, "gettext_lazy": 1, "ngettext": 2, "ngettext_lazy": 2}
"""The functions that mark texts, and how many each takes; a pgettext() would need a catalogue with contexts."""
LITERAL = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
IN_TEMPLATE = re.compile(rf"\w*gettext\({LITERAL}(?:, ?{LITERAL})*(?:, ?count)?\)")
FIELD = re.compile(r'^(msg\w+(?:\[\d\])?) ((?:".*"\n?)+)', re.MULTILINE)


def files(app, ending):
    found = app.rglob(f"*.{ending}")
    return [path for path in found if app == RELYING_PARTY or not path.is_relative_to(RELYING_PARTY)]


def marked(app):
    """Return the texts of an app, each as one string, or two where it has a plural."""
    sources = [path.read_text() for path in files(app, "py")]
    for path in files(app, "html"):
        sources += IN_TEMPLATE.findall(templatize(path.read_text()))
    return {texts for source in sources for texts in marked_in(source)}


def marked_in(source):
    for node in ast.walk(ast.parse(source)):
        name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
        if name == "_" or "gettext" in name:
            yield tuple(ast.literal_eval(text) for text in node.args[: MARKS[name]])


def catalogue(app, language):
    return app / "locale" / language / "LC_MESSAGES" / "django.po"


def entries(app, language):
    """Return the translations in a .po file by texts, without its header."""
    found = {}
    for entry in catalogue(app, language).read_text().split("\n\n"):
        fields = {name: ast.literal_eval(f"({strings})") for name, strings in FIELD.findall(entry)}
        texts = tuple(text for name, text in fields.items() if name in ("msgid", "msgid_plural"))
        found[texts] = tuple(text for name, text in fields.items() if name.startswith("msgstr"))
    del found["",]
    return found


def compiled(path):
    """Return what a .mo file has, by text, or by text and number of the plural form."""
    with path.open("rb") as file:
        return {key: text for key, text in gettext.GNUTranslations(file)._catalog.items() if key}

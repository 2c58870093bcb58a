"""Which values a setting takes: those of its default's type."""

from collections.abc import Mapping

TAKEN_AS: dict[type, tuple[type, ...]] = {
    float: (int, float),
    list: (list, tuple),
    tuple: (list, tuple),
    dict: (Mapping,),
}


def fits(value: object, default: object) -> bool:
    """Whether a value may stand in a default's place; a list's items, and a mapping's keys, are strings."""
    wanted = type(default)
    if isinstance(value, bool) and wanted is not bool:
        return False
    if not isinstance(value, TAKEN_AS.get(wanted, wanted)):
        return False
    return wanted not in (list, tuple, dict) or all(isinstance(item, str) for item in value)  # type: ignore[attr-defined]


def name_of(default: object) -> str:
    """Return the type's name as one writes it in settings."""
    return "list" if isinstance(default, tuple) else type(default).__name__

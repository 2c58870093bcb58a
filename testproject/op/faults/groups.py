"""Groups in the shapes in which providers tell of them."""

import csv
import io

from testproject.op.faults.profile import Profile

MANY = [f"department-{number:03}-of-the-organisation" for number in range(700)]
AWKWARD = ["Research, Development", 'The "A" team']


def comma_separated(groups: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(groups)
    return line.getvalue()


PROFILES = {
    "huge-groups": Profile(
        f"{len(MANY)} groups beside the person's own",
        groups=lambda groups: {"groups": groups + MANY},
    ),
    "groups-as-string": Profile(
        "one string, separated by commas and quoted as in CSV, with two awkward groups more",
        groups=lambda groups: {"groups": comma_separated(groups + AWKWARD)},
    ),
    "groups-as-single-string": Profile(
        "the last group alone, as a string",
        groups=lambda groups: {"groups": groups[-1]} if groups else {},
    ),
    "groups-under-another-claim": Profile(
        "the groups in the claim `roles`",
        groups=lambda groups: {"roles": groups},
    ),
    "groups-missing": Profile("no groups at all", groups=lambda groups: {}),
}

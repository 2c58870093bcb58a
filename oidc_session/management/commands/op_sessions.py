"""List OP sessions, or end them."""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from oidc_session import session_listing
from oidc_session.ending_many import Outcome
from oidc_session.management.arguments import positive
from oidc_session.management.long_command import LongCommand
from oidc_session.models import OPSessionQuerySet


class Command(LongCommand):
    help = "List the live sessions, the newest first, or end those of a person, of a sid, or with an application."

    what_a_dry_run_does = "With --end: say how many, and end none."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--user", default="", help="Those of the person with this user name.")
        parser.add_argument("--sid", default="", help="The one in which an application has this sid.")
        parser.add_argument("--application", default="", metavar="CLIENT_ID", help="Those that it is in.")
        parser.add_argument("--ended", action="store_true", help="List those that have ended, too.")
        parser.add_argument("--limit", type=positive, default=100, help="How many to list at most (100).")
        parser.add_argument("--json", action="store_true", help="Write JSON.")
        parser.add_argument("--end", action="store_true", help="End all that are found, instead of listing them.")
        parser.add_argument("--batch-size", type=positive, default=500, help="Sessions to end in one go (500).")

    def handle(self, *args: object, **options: Any) -> None:
        asked = {"username": options["user"], "sid": options["sid"], "client_id": options["application"]}
        try:
            found = session_listing.find(**asked)
        except LookupError as error:
            raise CommandError(error.args[0]) from None
        if not options["end"]:
            self.list(found if options["ended"] else found.live(), options)
        elif any(asked.values()):
            self.end(found, options)
        else:
            raise CommandError(
                "--end needs --user, --sid or --application: without, it would end everybody's sessions."
            )

    def list(self, found: OPSessionQuerySet, options: dict[str, Any]) -> None:
        listed = found.select_related("user").prefetch_related("rp_sessions__application")[: options["limit"]]
        described = [session_listing.describe(session) for session in listed]
        if options["json"]:
            self.stdout.write(json.dumps(described, indent=2))
        for session in () if options["json"] else described:
            self.stdout.write(_line(session))

    def end(self, found: OPSessionQuerySet, options: dict[str, Any]) -> None:
        if options["dry_run"]:
            self.say({"would_be_ended": found.live().count()}, options)
            return
        steps = session_listing.end_all(found, options["batch_size"])
        outcome = self.follow(
            steps, Outcome(), options["verbosity"], lambda so_far: f"Sessions ended so far: {so_far.ended}"
        )
        self.say({"ended": outcome.ended, "failed": outcome.failed}, options)
        self.fail_with(outcome.failed, "Sessions that could not be ended")

    def say(self, numbers: dict[str, int], options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(numbers))
        for name, number in () if options["json"] else numbers.items():
            self.stdout.write(f"Sessions {name.replace('_', ' ')}: {number}")


def _line(session: dict[str, Any]) -> str:
    applications = ", ".join(joined["client_id"] for joined in session["applications"])
    end = f"{session['end_reason']} {session['ended_at']}" if session["ended_at"] else "live"
    facts = (session["id"], session["user"], session["started_at"], session["address"], end, applications)
    return "  ".join(str(fact or "-") for fact in facts)

"""Ask the running site what a relying party would; for the day of a deployment, and for CI."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from oauth2_provider.settings import oauth2_settings

from oidc_session.doctor.examination import examine
from oidc_session.doctor.findings import Result, as_json, as_table
from oidc_session.origins import origin_of


class Command(BaseCommand):
    help = "Ask the running site over HTTP what a relying party would, and say what is wrong and what to write."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default="", help="The issuer's URL (OIDC_ISS_ENDPOINT).")
        parser.add_argument("--json", action="store_true", help="Print a JSON array.")
        parser.add_argument("--fail-on", choices=["error", "warning"], default="error", help="What fails (error).")

    def handle(self, *args: object, url: str, json: bool, fail_on: str, **options: object) -> None:
        issuer = url or oauth2_settings.OIDC_ISS_ENDPOINT
        if origin_of(issuer) is None:
            raise CommandError("Which site? Give --url https://…, or set OIDC_ISS_ENDPOINT in OAUTH2_PROVIDER.")
        findings = list(examine(issuer))
        self.stdout.write((as_json if json else as_table)(findings))
        failing = (Result.ERROR, Result(fail_on))
        if number := sum(finding.result in failing for finding in findings):
            raise CommandError(f"Findings that fail: {number}")

"""Time that passes faster: what a process that died had taken is due again after two seconds, not fifteen.

These are no settings, because nobody should need them. How they are used is not changed.
"""

from django.apps import AppConfig


class CrashConfig(AppConfig):
    name = "tests.crash"

    def ready(self):
        from oidc_session import ledger, outbox

        outbox.LEASE_MARGIN = 0.5
        ledger.FIRST_DELAY = 0.2
        ledger.LONGEST_DELAY = 1.0

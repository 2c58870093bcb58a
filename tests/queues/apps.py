from django.apps import AppConfig


class QueuesConfig(AppConfig):
    name = "tests.queues"

    def ready(self):
        from oidc_session import ledger

        ledger.FIRST_DELAY = 0.2  # Seconds: the second attempt comes while the test is looking.

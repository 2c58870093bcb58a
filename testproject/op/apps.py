from django.apps import AppConfig


class ProviderConfig(AppConfig):
    name = "testproject.op"

    def ready(self):
        from testproject.op.faults import signing

        signing.install()

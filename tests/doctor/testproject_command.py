"""manage.py of the test project's provider, as many times as there are lines to read: each has arguments as JSON.

A line is answered by one with what the command prints, and with what it fails by.
"""

import json
import sys
from io import StringIO

import django
from django.core.management import CommandError, call_command
from django.test.utils import override_settings


def run(arguments, provider):
    from django.conf import settings

    printed, failed = StringIO(), ""
    with override_settings(OAUTH2_PROVIDER=settings.OAUTH2_PROVIDER | provider):
        try:
            call_command(*arguments, stdout=printed)
        except CommandError as error:
            failed = str(error)
    return printed.getvalue(), failed


if __name__ == "__main__":
    django.setup()
    for line in sys.stdin:
        print(json.dumps(run(*json.loads(line))), flush=True)

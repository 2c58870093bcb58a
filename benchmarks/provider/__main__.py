"""Does what it is told by lines of JSON, and answers each with a line: {"job": "view", "path": "/untouched/", …}."""

import json
import sys

import django

django.setup()

from benchmarks.provider import jobs

for line in sys.stdin:
    order = json.loads(line)
    print(json.dumps(getattr(jobs, order.pop("job"))(**order)), flush=True)

"""A session store of a project's own that can't be reached."""

from django.contrib.sessions.backends.db import SessionStore as Store


class SessionStore(Store):
    def load(self):
        raise ConnectionError("the password is demo-pass")

    def delete(self, session_key=None):
        raise ConnectionError("the password is demo-pass")

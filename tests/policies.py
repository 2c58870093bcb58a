"""What a project could write as its policy."""

limits = {}
"""Seconds, or a number of sessions, by the username (for the session as such) or the client_id."""


def limit(user, application):
    return limits.get(application.client_id if application else user.get_username())

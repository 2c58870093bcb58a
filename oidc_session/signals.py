"""The signals of this app; the sender of each is the model. A receiver's error stays its own."""

from django.dispatch import Signal

logout_notice_delivered = Signal()
"""An application has confirmed a logout. Argument: `notice`, the LogoutNotice as it is now."""

logout_notice_postponed = Signal()
"""An attempt has failed, and there will be another. Argument: `notice`, the LogoutNotice as it is now."""

logout_notice_failed = Signal()
"""An application will not be told any more, and was not. Argument: `notice`, the LogoutNotice as it is now."""

op_session_started = Signal()
"""Somebody has signed in. Argument: `session`, the OPSession."""

op_session_ended = Signal()
"""A session has ended, and so has all that was handed out in it. Argument: `session`, the OPSession as it is now."""

rp_session_joined = Signal()
"""An application has its first authorization in a session, or one since it left. Argument: `session`, the RPSession."""

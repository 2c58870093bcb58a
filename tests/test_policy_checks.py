import pytest
from django.core.checks import run_checks

from tests.policies import limit

LIMIT = f"{limit.__module__}.{limit.__name__}"
DECLARED = 5


def ids():
    return [message.id for message in run_checks() if message.id.startswith("oidc_session.")]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"OIDC_SESSION_LIFETIME": 28800, "OIDC_SESSION_IDLE_LIFETIME": 1800, "OIDC_SESSION_MAX_PER_PERSON": 5}, []),
        ({"OIDC_SESSION_LIFETIME": -1}, ["oidc_session.E018"]),
        ({"OIDC_SESSION_IDLE_LIFETIME": -1}, ["oidc_session.E018"]),
        ({"OIDC_SESSION_MAX_PER_PERSON": -1}, ["oidc_session.E018"]),
        ({"OIDC_SESSION_LIFETIME": "8 hours"}, ["oidc_session.E007"]),
        ({"OIDC_SESSION_IDLE_LIFETIME": "1800"}, ["oidc_session.E007"]),
        ({"OIDC_SESSION_IDLE_LIFETIME": 300}, ["oidc_session.E019"]),
        ({"OIDC_SESSION_IDLE_LIFETIME": 300, "OIDC_SESSION_ACTIVITY_INTERVAL": 60}, []),
        ({"OIDC_SESSION_LIFETIME_FUNCTION": LIMIT, "OIDC_SESSION_MAX_PER_PERSON_FUNCTION": LIMIT}, []),
        ({"OIDC_SESSION_LIFETIME_FUNCTION": "tests.policies.missing"}, ["oidc_session.E020"]),
        ({"OIDC_SESSION_IDLE_LIFETIME_FUNCTION": "no module"}, ["oidc_session.E020"]),
        ({"OIDC_SESSION_MAX_PER_PERSON_FUNCTION": "tests.test_policy_checks.DECLARED"}, ["oidc_session.E020"]),
        ({"OIDC_SESSION_LIFETIME_FUNCTION": limit}, ["oidc_session.E007"]),
        ({"OIDC_SESSION_TOO_MANY": "refuse"}, []),
        ({"OIDC_SESSION_TOO_MANY": "refused"}, ["oidc_session.E021"]),
        ({"OIDC_SESSION_TOO_MANY": True}, ["oidc_session.E007"]),
        ({"OIDC_SESSION_RETENTION_DAYS": 1}, []),
        ({"OIDC_SESSION_RETENTION_DAYS": 0}, ["oidc_session.E022"]),
        ({"OIDC_SESSION_RETENTION_DAYS": -30}, ["oidc_session.E022"]),
        ({"OIDC_SESSION_RETENTION_DAYS": "30"}, ["oidc_session.E007"]),
        ({"OIDC_SESSION_RETENTION_DAYS": 1.5}, ["oidc_session.E007"]),
        ({"OIDC_SESSION_RETENTION_DAYS": False}, ["oidc_session.E022"]),
    ],
)
def test_wrong_values_are_found(provider, changes, found):
    provider(**changes)
    assert ids() == found

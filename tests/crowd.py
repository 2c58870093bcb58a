"""Many applications that want to be told of logouts, all behind one server.

crowd = Crowd()
with receiver(crowd) as rp:
    applications = crowd_of(50, rp.origin)
    ...
assert crowd.told[0].client_id == "rp-0"
"""

from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from django.utils import timezone

from oidc_session.models import OPSession, RPSession
from tests.notices import application_at
from tests.receivers import Answers

ISSUER = "https://op.example/o"


@dataclass(frozen=True)
class Told:
    client_id: str
    token: str
    at: datetime


class Crowd:
    """Answers each application at the path that its client_id is, and keeps what it was told.

    `behave` takes an application's number, how often it was told before, and the peer; it returns a status.
    """

    def __init__(self, behave=lambda number, before, peer: 200):
        self.behave = behave
        self.told = []
        self.lock = Lock()

    def __call__(self, peer):
        request = peer.read_request()
        client_id = request.target.removeprefix("/")
        with self.lock:
            before = sum(told.client_id == client_id for told in self.told)
            self.told.append(Told(client_id, request.fields["logout_token"], timezone.now()))
        status = self.behave(int(client_id.removeprefix("rp-")), before, peer)
        peer.send(Answers(status).answer)


def crowd_of(number, origin):
    return [application_at(f"{origin}/rp-{each}", f"rp-{each}") for each in range(number)]


def sign_in(client, person, applications):
    """Begin a session with applications in it; return the `sid` of each by its client_id."""
    client.force_login(person)
    session = OPSession.objects.live().get(user=person)
    joined = [
        RPSession(op_session=session, application=application, iss=ISSUER, sub=str(person.pk))
        for application in applications
    ]
    return {joined.application.client_id: joined.sid for joined in RPSession.objects.bulk_create(joined)}

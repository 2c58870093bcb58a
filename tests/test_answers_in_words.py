import pytest

from oidc_session.answers_in_words import answer_in_words, result_in_words
from oidc_session.models import LogoutNotice

State, Problem = LogoutNotice.State, LogoutNotice.Problem

MAYBE = ": you may still be signed in there"
ANSWERS = {
    (State.DELIVERED, ""): "signed you out",
    (State.SHOWN, ""): "was asked to sign you out in that browser",
    (State.PENDING, ""): "is being told to sign you out",
    (State.PENDING, Problem.ANSWER): "is being told to sign you out",
    (State.FAILED, Problem.TIMEOUT): f"did not answer{MAYBE}",
    (State.FAILED, Problem.ANSWER): f"answered that it failed{MAYBE}",
    (State.UNTOLD, Problem.NO_URI): f"has no logout URI{MAYBE}",
    (State.UNTOLD, Problem.NO_BROWSER): f"can be told in its browser alone{MAYBE}",
    (State.UNTOLD, Problem.CLIENT_DELETED): f"could not be told{MAYBE}",
}


def notice(state, problem=""):
    return LogoutNotice(state=state, problem=problem)


@pytest.mark.parametrize(("state", "problem"), ANSWERS)
def test_each_answer_has_words(state, problem):
    assert answer_in_words([notice(state, problem)]) == ANSWERS[state, problem]


@pytest.mark.parametrize("state", State)
def test_every_state_has_words(state):
    assert answer_in_words([notice(state)])


def test_of_two_channels_the_better_one_counts():
    both = [notice(State.UNTOLD, Problem.NO_BROWSER), notice(State.DELIVERED)]
    assert answer_in_words(both) == "signed you out"


def test_where_nothing_was_owed_nothing_is_said():
    assert answer_in_words([]) == ""


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ([State.DELIVERED, State.UNTOLD], "You are signed out of Wiki."),
        ([State.PENDING], "Wiki is being told to sign you out."),
        ([State.SHOWN], "Wiki was asked to sign you out in that browser."),
        ([State.UNTOLD], f"Wiki could not be told{MAYBE}."),
        ([], f"Wiki was not told{MAYBE}."),
    ],
)
def test_who_leaves_an_application_is_signed_out_when_it_has_said_so(states, said):
    assert result_in_words("Wiki", [notice(state) for state in states]) == said

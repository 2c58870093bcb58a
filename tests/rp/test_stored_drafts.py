"""Drafts in the database."""

from django.core.management import call_command
from django.db.models import QuerySet

from oidc_session.rp.models import StoredDraft
from tests.rp.drafting import person, read, save


def test_person_has_so_many_drafts(alice_s, op, rp):
    rp(drafts_per_person=2)
    for field in ("a", "b"):
        save(alice_s, field=field)
    answer = save(alice_s, field="c")
    assert (answer.status_code, answer.json()) == (409, {"error": "too_many_drafts"})
    assert save(alice_s, "again", field="b").status_code == 200
    StoredDraft.objects.filter(owner__gt="").update(ends_at=0)
    assert save(alice_s, field="c").status_code == 200


def test_drafts_of_others_don_t_count(alice_s, op, rp):
    rp(drafts_per_person=1)
    save(alice_s)
    op.sub = "bob-sub"
    alice_s.sign_in()
    assert save(alice_s).status_code == 200


def test_draft_is_kept_for_a_day(alice_s, capsys):
    save(alice_s)
    save(alice_s, field="old")
    newest = StoredDraft.objects.order_by("ends_at").last()
    assert 86390 < newest.ends_at - alice_s.session.started_at < 86500
    StoredDraft.objects.exclude(key=newest.key).update(ends_at=0)
    assert read(alice_s) == {}
    call_command("clear_rp_sessions")
    assert [str(draft) for draft in StoredDraft.objects.all()] == [newest.key[:8]]


def test_what_is_kept_can_t_be_read_or_moved(alice_s):
    save(alice_s, "secret words")
    save(alice_s, "other words", field="other")
    row, other = StoredDraft.objects.order_by("ends_at")
    assert not any("secret" in str(value) or "alice" in str(value) for value in vars(row).values())
    StoredDraft.objects.filter(key=other.key).update(sealed=row.sealed)
    assert read(alice_s, field=["draft", "other"]) == {"draft": "secret words"}


def test_of_two_tabs_that_save_at_once_one_is_first(alice_s, monkeypatch):
    """Neither found a draft to write over."""
    alice = person(alice_s)
    plain = QuerySet.update
    monkeypatch.setattr(QuerySet, "update", lambda query, **of: 0 if query.model is StoredDraft else plain(query, **of))
    assert save(alice_s, "first", alice).status_code == save(alice_s, "second", alice).status_code == 200
    assert read(alice_s) == {"draft": "first"}

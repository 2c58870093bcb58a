"""Class-based views for people who are signed in at a provider, or in a group there."""

from collections.abc import Sequence
from typing import Any

from oidc_session.rp.decorators import group_required, oidc_login_required


class OIDCLoginRequiredMixin:
    """Stands first among the bases of a view for who is signed in, and, with `oidc_groups`, in one of these groups."""

    oidc_provider = ""
    oidc_groups: Sequence[str] = ()

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        view = super().as_view(**initkwargs)  # type: ignore[misc]
        if cls.oidc_groups:
            return group_required(*cls.oidc_groups, provider=cls.oidc_provider)(view)
        return oidc_login_required(view, provider=cls.oidc_provider)

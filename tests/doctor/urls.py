from oidc_session.urls import metadata_urlpatterns
from tests.urls import urlpatterns

urlpatterns = [*urlpatterns, *metadata_urlpatterns]

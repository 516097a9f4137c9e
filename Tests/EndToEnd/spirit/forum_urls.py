from board.urls import urlpatterns
from django.urls import include, path
from django.views.generic import RedirectView

to_provider = RedirectView.as_view(pattern_name="oidc_authentication_init")
urlpatterns = [
    path("oidc/", include("mozilla_django_oidc.urls")),
    # Spirit's own ways in, which lead nowhere without passwords.
    path("user/login/", to_provider), path("user/register/", to_provider),
    *urlpatterns,
]

from board.urls import urlpatterns
from django.urls import include, path

urlpatterns = [path("oidc/", include("mozilla_django_oidc.urls")), *urlpatterns]

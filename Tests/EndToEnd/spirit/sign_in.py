"""Whose account it is: that of `sub`, which is the username. What others see is the nickname."""
from django.contrib.auth.models import Group
from mozilla_django_oidc.auth import OIDCAuthenticationBackend


class Symbolon(OIDCAuthenticationBackend):
    def verify_claims(self, claims):
        return "sub" in claims and "preferred_username" in claims

    def filter_users_by_claims(self, claims):
        return self.UserModel.objects.filter(username=claims["sub"])

    def create_user(self, claims):
        return self.update_user(self.UserModel.objects.create_user(claims["sub"]), claims)

    def update_user(self, user, claims):
        user.st.nickname = claims["preferred_username"]
        user.st.is_verified = True
        user.st.save()
        user.groups.set(Group.objects.get_or_create(name=name)[0] for name in claims["groups"])
        return user

"""The community whose members sign in: by plain HTTP on this machine, or behind a proxy that ends TLS."""
import os
import subprocess

from community import Community, free_port
from httpd import Apache
from processes import die_with_parent

VOTES = {"ann": 30, "bob": 3, "cyd": 0}
TIERS = ["--tier", "member=members: votes >= 1", "--tier", "regular=regulars: votes >= 20"]
# Where the wallet looks for authorities that it trusts.
WALLET_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


class Provider(Community):
    """Three members: one with enough for both tiers, one for the first, one for none."""

    cookie = "symbolon"
    votes = VOTES
    preparation = staticmethod(die_with_parent)

    def __init__(self, symbolon, folder, **more):
        super().__init__(symbolon, folder, self.votes, **more)

    def add_forum(self, name, audience, redirect, *more):
        return self.forum(name, audience, "--redirect-uri", redirect, *TIERS, *more)


class SecureProvider(Provider):
    cookie = "__Host-symbolon"

    def __init__(self, symbolon, folder, certificates, **more):
        self.certificates, service = certificates, free_port()
        self.proxy = Apache("proxy", folder, certificates, lambda _: {"SERVICE_PORT": str(service)})
        super().__init__(symbolon, folder, port=service, issuer=f"https://localhost:{self.proxy.port}", **more)

    def attempt(self, *arguments):
        """The wallet trusts the authorities of the machine, to which ours is added where the wallet alone sees it."""
        if "--url" not in arguments:
            return super().attempt(*arguments)
        unshare = ["unshare", "--mount", *(["--map-root-user"] if os.geteuid() else [])]
        bind = f'mount --bind "$0" {WALLET_BUNDLE} && exec "$@"'
        return subprocess.run([*unshare, "sh", "-c", bind, self.certificates.path("bundle.pem"), self.symbolon, *arguments],
                              cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              preexec_fn=die_with_parent)

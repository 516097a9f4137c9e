"""A community whose members have their wallets in the browser: provider and wallet behind proxies that end TLS, each on an origin of its own."""
import http.server
import json
import os
import ssl
import threading
import urllib.parse
import urllib.request

from certificates import WALLET_NAME
from community import free_port
from httpd import Apache
from provider import SecureProvider

# Who claims in the browser; and a crowd for each tier, because the wallet answers nothing that only a few could.
MEMBERS = {"ann": 30, "bob": 3, "cyd": 0, "dan": 30}
CROWD = {f"{name}{number}": votes for name, votes in (("regular", 30), ("member", 3)) for number in range(7)}


class WalletProvider(SecureProvider):
    """`files`: the folder with the wallet."""

    votes = {**MEMBERS, **CROWD}

    def __init__(self, symbolon, folder, certificates, files):
        port = free_port()
        self.site = Apache("proxy", os.path.join(folder, "site"), certificates, lambda _: {"SERVICE_PORT": str(port)})
        self.wallet = f"https://{WALLET_NAME}:{self.site.port}"
        super().__init__(symbolon, folder, certificates, depth=2, unclaimed=tuple(MEMBERS),
                         serve=["--wallet-files", files, "--wallet-port", str(port), "--wallet-origin", self.wallet, "--audience", "talk"])
        self.codes = dict(line.split(",") for line in self.read("codes.csv").splitlines()[1:])

    def published(self, path):
        """What anybody gets at an address of the provider."""
        context = ssl.create_default_context(cafile=self.certificates.path("bundle.pem"))
        with urllib.request.urlopen(self.issuer + path, context=context) as answer:
            return answer.read()

    def claim_link(self, name):
        given = {"claim": self.codes[name], "service": self.issuer, "community": self.id}
        return f"{self.wallet}/#{urllib.parse.urlencode(given)}"

    def sign_in_link(self, address):
        return f"{self.wallet}/#{urllib.parse.urlencode({'sign-in': address})}"


class Rogue:
    """A provider on this machine that shows the wallet a client record which is not what it ought to be."""

    def __init__(self, provider):
        self.provider, self.bend = provider, lambda offer, keys: (offer, keys)
        rogue = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                rogue.seen.append(self.path)
                offer, keys = rogue.bend(*rogue.real)
                body = json.dumps(keys if self.path == "/openid/keys" else offer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Access-Control-Allow-Origin", "*")
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                rogue.seen.append("POST " + self.path)
                self.send_error(500)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.origin = f"http://localhost:{self.server.server_port}"
        self.seen = []

    def take(self, address):
        """What the real provider says of a sign-in; the address here under which it is passed on."""
        path = urllib.parse.urlsplit(address).path
        self.real = json.loads(self.provider.published(path + "/wallet")), json.loads(self.provider.published("/openid/keys"))
        self.seen = []
        return self.origin + path

    def end(self):
        self.server.shutdown()

"""Synapse, a server for Matrix. What clients do is done on the login page that it has for them."""
import json
import os
import sqlite3
import string

from browser import call
from community import free_port
from processes import Server, run

SETTINGS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "synapse", "homeserver.yaml")
# Clients that show this page in a window of their own hear of the login by this function.
CLIENT = "addEventListener('DOMContentLoaded', () => { if (window.matrixLogin) matrixLogin.onLogin = said => { window.signedIn = said } })"


class Synapse:
    name = "Matrix Synapse"
    is_secure, is_told_issuer = True, True

    def __init__(self, report, provider, folder, programs):
        self.report = report
        port = free_port()
        self.origin = f"http://127.0.0.1:{port}"
        self.callback = self.origin + "/_synapse/client/oidc/callback"
        record = provider.add_forum("The Rooms", "rooms", self.callback)
        os.makedirs(folder)
        python, log = os.path.join(programs, "bin", "python"), os.path.join(folder, "synapse.log")
        command = [python, "-m", "synapse.app.homeserver", "-c", "generated.yaml"]
        run([*command, "--generate-config", "--server-name", "rooms.example.org", "--report-stats", "no"], folder)
        with open(SETTINGS) as template, open(os.path.join(folder, "ours.yaml"), "w") as file:
            file.write(string.Template(template.read()).substitute(
                FORUM=self.origin, PORT=port, ISSUER=provider.issuer, CLIENT_ID=record["client-id"], CLIENT_SECRET=record["client-secret"]))
        self.server = Server(self.name, [*command, "-c", "ours.yaml"], port, log, folder,
                             {"SSL_CERT_FILE": provider.certificates.path("bundle.pem")})
        self.folder, self.token = folder, None

    def begin(self, browser):
        browser.command("Page.addScriptToEvaluateOnNewDocument", source=CLIENT)
        # With one way to log in the page takes it at once.
        browser.open(self.origin + "/_matrix/static/client/login/")

    def account(self, browser):
        browser.wait_for_address(self.origin)
        # Synapse asks before it gives a client the way in.
        onward = browser.all("a.primary-button")
        if onward:
            onward[0].click()
        said = browser.run("return window.signedIn")
        if not said:
            return None
        self.token = said["access_token"]
        who = self.ask("account/whoami")["user_id"]
        self.report.check("the token is of whom the client was told", who == said["user_id"])
        return who, self.ask(f"profile/{who}/displayname")["displayname"]

    def ask(self, path, method="GET"):
        answer = call(f"{self.origin}/_matrix/client/v3/{path}", method, headers={"Authorization": f"Bearer {self.token}"})
        self.report.check(f"Synapse answers {path}", answer.status == 200, answer.body)
        return json.loads(answer.body)

    def denied(self, browser):
        browser.wait_for_address(self.origin)
        self.report.check("Synapse says so", "access_denied" in browser.find("body").text, browser.text)

    def leave(self, browser):
        self.ask("logout", "POST")
        browser.open("about:blank")

    def accounts(self):
        with sqlite3.connect(os.path.join(self.folder, "homeserver.db")) as database:
            return sorted(name for name, in database.execute("SELECT name FROM users"))

"""A forum's receiver of webhooks: what comes, signed and at least once, and what is never called. Against `symbolon serve`; standard library only.

    python3 Tests/Http/check_webhooks.py PATH-OF-SYMBOLON
"""
import hashlib
import hmac
import http.server
import json
import os
import re
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "SignIn"))

from browser import call
from checks import check, count
from community import Community


class Receiver(http.server.ThreadingHTTPServer):
    """Keeps what it is sent; answers with the statuses it is told, the last of them for ever."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/events"
        self.statuses, self.received = [204], []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def wait(self, number, seconds=10):
        deadline = time.time() + seconds
        while len(self.received) < number and time.time() < deadline:
            time.sleep(0.05)
        check(f"{number} came: {len(self.received)}", len(self.received) == number)
        return self.received[-1]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.server.statuses[0] if len(self.server.statuses) == 1 else self.server.statuses.pop(0)
        self.server.received.append((self.path, dict(self.headers.items()), body))
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


def event(secret, received):
    """As a forum checks it: signature, age, form."""
    path, headers, body = received
    given = {name.lower(): value for name, value in headers.items()}
    expected = "v1=" + hmac.new(secret.encode(), given["symbolon-timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
    check("signed", hmac.compare_digest(expected, given["symbolon-signature"]) and abs(int(given["symbolon-timestamp"]) - time.time()) < 60)
    check("JSON, to the address", given["content-type"] == "application/json" and path == "/events")
    value = json.loads(body)
    check("named", value["id"] == given["symbolon-delivery"] and re.fullmatch("[0-9a-f]{32}", value["id"]) and value["event"] == given["symbolon-event"])
    return value


def main():
    receiver = Receiver()
    with tempfile.TemporaryDirectory() as folder:
        world = Community(sys.argv[1], folder, {"ann": 30, "bob": 3})
        try:
            client = world.forum("forum", "forum", "--redirect-uri", "https://forum.example.org/x")["client-id"]
            world.stop()
            world.start()
            audience = next(one["id"] for one in call(world.origin + "/v1/community").json["audiences"] if one["name"] == "forum")
            token = {"Authorization": "Bearer " + world.read("data/audiences/forum.token").strip()}
            requests = f"{world.origin}/v1/audiences/{audience}/requests"

            def webhook(verb, *more):
                return world.attempt("forum", "webhook", verb, "--data", "data", "--audience", "forum", *more)

            def present(member):
                request = call(requests, "POST", json.dumps({"purposes": [{"purpose": "sign-in"}]}), token).json
                world.run("wallet", "present", "--wallet", member, "--service", world.origin, "--audience", audience, "--nonce", request["nonce"],
                          "--smallest-set", "0")
                return call(f"{requests}/{request['nonce']}", headers=token).json

            # Before anybody wants to hear of it, nothing is kept.
            present("ann")
            for refused in ("http://forum.example.org/x", "ftp://forum.example.org/", "https://a@b/", "https://forum.example.org/#x", "org.example.app:/x", "x"):
                check(f"no address: {refused}", webhook("set", "--url", refused).returncode == 2)
            check("nothing to show", webhook("show").returncode == 2 and webhook("test").returncode == 2 and webhook("remove").returncode == 2)
            # Not to addresses that the internet does not reach, whatever they are called.
            for inner in (receiver.url, receiver.url.replace("127.0.0.1", "localhost"), "https://10.0.0.1/", "https://[::1]/", "https://169.254.169.254/",
                          "https://[::ffff:127.0.0.1]/", "https://0.0.0.0/", "https://2130706433/"):
                check(f"set: {inner}", webhook("set", "--url", inner).returncode == 0)
                done = webhook("test")
                check(f"not called: {inner} {done.stdout}", done.returncode == 1 and "has no address" in done.stdout)
            check("nothing came", not receiver.received)
            done = webhook("set", "--url", receiver.url, "--private", "--json")
            secret = json.loads(done.stdout)["secret"]
            check("a secret of 256 bits", re.fullmatch("[0-9a-f]{64}", secret))
            check("shown without it", secret not in webhook("show").stdout and json.loads(webhook("show").stdout)["waiting"] == 0)
            check("tried out", webhook("test").returncode == 0)
            tried = event(secret, receiver.wait(1))
            check("a test", tried["event"] == "test" and tried["audience"] == audience and tried["data"] == {})
            # What happens.
            state = present("ann")
            first = event(secret, receiver.wait(2))
            check("accepted", first["event"] == "presentation.accepted" and set(first["data"]) == {"nonce", "scope", "pseudonym"})
            check("of this request, by that pseudonym", first["data"]["nonce"] == state["nonce"] and first["data"]["scope"] == "sign-in"
                  and re.fullmatch("[a-z2-7]{32}", first["data"]["pseudonym"]) and state["nullifiers"][0]["nullifier"] not in receiver.received[1][2].decode())
            # It does not answer well: nothing is lost, redirects are not followed, and the same event has the same id and bytes.
            receiver.statuses[:] = [302, 204]
            present("bob")
            event(secret, receiver.wait(3))
            check("it waits", json.loads(webhook("show").stdout)["waiting"] == 1)
            world.stop(kill=True)
            world.start()
            again = event(secret, receiver.wait(4, 30))
            check("again, the same", receiver.received[3][2] == receiver.received[2][2] and again["data"]["pseudonym"] != first["data"]["pseudonym"])
            check("nobody was sent elsewhere", all(path == "/events" for path, _, _ in receiver.received))
            deadline = time.time() + 5
            while json.loads(webhook("show").stdout)["waiting"] and time.time() < deadline:
                time.sleep(0.2)
            check("none waits", json.loads(webhook("show").stdout)["waiting"] == 0)
            # Bans, from the operator's own process: what the member is told, and nothing that operators say among themselves.
            pseudonym = first["data"]["pseudonym"]
            banned = json.loads(world.run("forum", "ban", "--data", "data", "--forum", client, pseudonym, "--reason", "for operators", "--public-reason",
                                          "Spam.", "--until", "30d", "--json"))["ban"]
            said = event(secret, receiver.wait(5))
            check(f"banned: {said}", said["event"] == "ban.added" and said["data"].pop("until") > time.time()
                  and said["data"] == {"ban": banned, "pseudonym": pseudonym, "reason": "Spam."})
            world.run("forum", "unban", "--data", "data", str(banned), "--reason", "for operators")
            said = event(secret, receiver.wait(6))
            check(f"lifted: {said}", said["event"] == "ban.lifted" and said["data"] == {"ban": banned, "pseudonym": pseudonym})
            # Another secret at once; then none at all.
            other = json.loads(webhook("set", "--url", receiver.url, "--private", "--json").stdout)["secret"]
            present("ann")
            event(other, receiver.wait(7))
            check("another secret", other != secret)
            check("removed", webhook("remove").returncode == 0)
            present("ann")
            time.sleep(2)
            check("silence", len(receiver.received) == 7)
            log = world.read("serve.log")
            for hidden in (secret, other, receiver.url, first["data"]["pseudonym"]):
                check("the log knows nothing", hidden not in log)
            check("nor the store the secret", secret.encode() not in open(world.path("data/store.sqlite"), "rb").read())
        finally:
            world.stop()
    print(f"{count()} checks hold")


main()

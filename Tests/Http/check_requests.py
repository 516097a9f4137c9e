"""What a forum does that speaks no protocol of sign-ins: asks over HTTP, waits by polling or for events, and verifies a signed result; and what
it must not get. Against `symbolon serve`, in two processes on one store; standard library only.

    python3 Tests/Http/check_requests.py PATH-OF-SYMBOLON
"""
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "SignIn"))

from browser import call
from checks import check, count
from community import Community
from tokens import decode, verified


class Audience:
    """A forum's server: knows its id and its token."""

    def __init__(self, world, name):
        self.world, self.token = world, world.read(f"data/audiences/{name}.token").strip()
        self.id = next(one["id"] for one in call(world.origin + "/v1/community").json["audiences"] if one["name"] == name)
        self.path = f"/v1/audiences/{self.id}"

    def call(self, path, method="GET", body=None, token=None, origin=None, **headers):
        given = {"Authorization": f"Bearer {token or self.token}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        return call((origin or self.world.origin) + self.path + path, method, body and json.dumps(body), given)

    def ask(self, **question):
        answer = self.call("/requests", "POST", {"purposes": [{"purpose": "sign-in"}], **question})
        check(f"asked: {answer.body[:200]}", answer.status == 201)
        return answer.json

    def state(self, request, **more):
        answer = self.call("/requests/" + request["nonce"], **more)
        check(f"a state: {answer.body[:200]}", answer.status == 200 and answer.headers["content-type"] == "application/json")
        check("of this request, and not kept", answer.json["nonce"] == request["nonce"] and answer.headers["cache-control"] == "no-store")
        return answer.json

    def present(self, member, request, **more):
        return self.world.run("wallet", "present", "--wallet", member, "--service", more.get("origin", self.world.origin), "--audience", self.id,
                              "--nonce", request["nonce"], "--smallest-set", "0", "--accept-policy")

    def answer(self, member, request):
        """What the member's wallet would send, as a file."""
        self.world.write("request.json", json.dumps(request, separators=(",", ":")))
        self.world.run("wallet", "present", "--wallet", member, "--service", self.world.origin, "--audience", self.id, "--request", "request.json",
                       "--out", "answer.json", "--smallest-set", "0", "--accept-policy")
        return self.world.read("answer.json").encode()


class Stream(threading.Thread):
    """Reads server-sent events to the end, as the standard says."""

    def __init__(self, audience, request, last=None, origin=None):
        super().__init__(daemon=True)
        host = (origin or audience.world.origin).removeprefix("http://")
        self.connection = http.client.HTTPConnection(host, timeout=120)
        headers = {"Authorization": f"Bearer {audience.token}", "Accept": "text/event-stream"}
        if last:
            headers["Last-Event-ID"] = last
        self.connection.request("GET", f"{audience.path}/requests/{request['nonce']}/events", headers=headers)
        self.response = self.connection.getresponse()
        self.status, self.events, self.comments, self.retry = self.response.status, [], 0, None
        if self.status == 200:
            check("a stream", self.response.getheader("content-type") == "text/event-stream" and self.response.getheader("cache-control") == "no-store")
            self.start()

    def run(self):
        fields = {}
        while line := self.response.readline().decode():
            line = line.rstrip("\n")
            if line.startswith(":"):
                self.comments += 1
            elif line:
                name, value = line.split(": ", 1)
                fields[name] = value
            elif "data" in fields:
                self.events.append((fields["event"], fields["id"], json.loads(fields["data"])))
                fields = {}
            else:
                self.retry, fields = fields.get("retry", self.retry), {}

    def ended(self, seconds=10):
        self.join(seconds)
        return not self.is_alive()

    def wait(self, number):
        deadline = time.time() + 10
        while len(self.events) < number and time.time() < deadline:
            time.sleep(0.05)
        return self.events


def problem(what, answer, status, code):
    check(f"{what}: {answer.status} {answer.body[:200]}", answer.status == status and answer.headers["content-type"] == "application/problem+json")
    body = answer.json
    check(f"{what}: {body}", body["code"] == code and body["status"] == status and body["type"] == "urn:symbolon:problem:" + code and body["title"])


def result(world, token, audience, request):
    """The claims of a signed result, checked as a forum checks them."""
    claims, key = verified(token, call(world.origin + "/openid/keys").json["keys"], "ES256")
    check("of a type of its own", json.loads(decode(token.split(".")[0]))["typ"] == "symbolon-result+jwt")
    check("ours, for us, to this request", claims["iss"] == world.origin and claims["aud"] == audience.id and claims["nonce"] == request["nonce"])
    check("of now", claims["iat"] <= time.time() + 5 < claims["exp"] and abs(claims["accepted_at"] - time.time()) < 120)
    check("of this tree", claims["epoch"] == 1 and re.fullmatch("[0-9a-f]{66}", claims["root"]))
    check("a pseudonym", re.fullmatch("[a-z2-7]{32}", claims["sub"]))
    return claims


def polling(world, forum, other):
    request = forum.ask(predicates=["votes >= 20"])
    pending = forum.state(request)
    check("pending", pending == {"state": "pending", "nonce": request["nonce"], "expires": request["expires"]})
    problem("another audience's token", other.call("/requests/" + request["nonce"]), 404, "request-unknown")
    problem("no token", forum.call("/requests/" + request["nonce"], token="x"), 401, "unauthorized")
    problem("no such request", forum.call("/requests/" + "0" * 64), 404, "request-unknown")
    problem("no nonce", forum.call("/requests/xyz"), 404, "request-unknown")
    # A refusal says nothing to the forum.
    refused = world.attempt("wallet", "present", "--wallet", "bob", "--service", world.origin, "--audience", forum.id, "--nonce", request["nonce"],
                            "--smallest-set", "0", "--accept-policy")
    check("bob cannot", refused.returncode == 1 and forum.state(request) == pending)
    forum.present("ann", request)
    accepted = forum.state(request)
    check("accepted", accepted["state"] == "accepted" and accepted["disclosed"] == {} and len(accepted["nullifiers"]) == 1)
    claims = result(world, accepted["result"], forum, request)
    check("what was proved", claims["predicates"] == ["votes >= 20"] and claims["disclosed"] == {} and claims["scope"] == "sign-in")
    later = result(world, forum.state(request)["result"], forum, request)
    check("one acceptance, one id", later["jti"] == claims["jti"] and len(claims["jti"]) == 64)
    check("one pseudonym of it", [one["pseudonym"] for one in claims["pseudonyms"]] == [claims["sub"]])
    shown = forum.ask(disclose=["votes"])
    forum.present("ann", shown)
    shown = forum.state(shown)
    check("disclosed", shown["disclosed"] == {"votes": 30} == result(world, shown["result"], forum, shown)["disclosed"])
    problem("accepted is not taken back", forum.call("/requests/" + request["nonce"], "DELETE"), 409, "request-used")
    return claims


def results(world, forum, other, claims):
    """From the verification itself, for a forum that has the presentation."""
    request = forum.ask()
    answer = forum.answer("ann", request)
    problem("no other result", call(f"{world.origin}{forum.path}/presentations?result=xml", "POST", answer), 400, "bad-query")
    verdict = call(f"{world.origin}{forum.path}/presentations?result=jwt", "POST", answer)
    check(f"accepted: {verdict.body[:200]}", verdict.status == 200 and verdict.json["verdict"] == "accepted")
    mine = result(world, verdict.json["result"], forum, request)
    check("the same pseudonym, another act", mine["sub"] == claims["sub"] and mine["jti"] != claims["jti"] and mine["predicates"] == [])
    state = forum.state(request)
    check("the state says the same", {name: state[name] for name in ("nullifiers", "disclosed")} == {name: verdict.json[name] for name in ("nullifiers", "disclosed")})
    plain = forum.ask()
    verdict = call(f"{world.origin}{forum.path}/presentations", "POST", forum.answer("ann", plain)).json
    check("without it nothing is added", set(verdict) == {"verdict", "nonce", "nullifiers", "disclosed"})
    elsewhere = other.ask()
    other.present("ann", elsewhere)
    theirs = result(world, other.state(elsewhere)["result"], other, elsewhere)
    check("another audience, another pseudonym", theirs["sub"] != claims["sub"])
    # Tickets: so many posts an epoch, none linked to another.
    seen = set()
    for index in range(3):
        post = forum.ask(purposes=[], tickets=2, message=f"{index:064x}")
        if index < 2:
            forum.present("ann", post)
            ticket = forum.state(post)
            said = result(world, ticket["result"], forum, post)
            check("a ticket, used up", ticket["nullifiers"][0]["spent"] and said["scope"] == "post" and said["message"] == f"{index:064x}")
            seen.add(said["sub"])
        else:
            spent = world.attempt("wallet", "present", "--wallet", "ann", "--service", world.origin, "--audience", forum.id, "--nonce", post["nonce"],
                                  "--smallest-set", "0", "--accept-policy")
            check("no third", spent.returncode == 1 and forum.state(post)["state"] == "pending")
    check("unlinked", len(seen | {claims["sub"]}) == 3)


def cancelling(world, forum, other):
    request = forum.ask()
    answer = forum.answer("ann", request)
    problem("not another's", other.call("/requests/" + request["nonce"], "DELETE"), 404, "request-unknown")
    for _ in range(2):
        check("taken back", forum.call("/requests/" + request["nonce"], "DELETE").status == 204)
    check("cancelled", forum.state(request)["state"] == "cancelled")
    problem("answered too late", call(f"{world.origin}{forum.path}/presentations", "POST", answer), 409, "request-cancelled")
    short = forum.ask(lifetime=1)
    time.sleep(1.5)
    check("expired", forum.state(short)["state"] == "expired")
    # A used one is neither.
    request = forum.ask(lifetime=20)
    forum.present("ann", request)
    time.sleep(max(0, request["expires"] - time.time()) + 1)
    check("accepted stays", forum.state(request)["state"] == "accepted")


def events(world, forum, second):
    """Also when the presentation comes to another process on the same store."""
    request = forum.ask()
    here, there = Stream(forum, request), Stream(forum, request, origin=second)
    for stream in (here, there):
        check("as it stands", [event[:2] for event in stream.wait(1)] == [("state", "pending")])
    resumed = Stream(forum, request, last="pending")
    forum.present("ann", request, origin=second)
    for stream in (here, there, resumed):
        check("it ends", stream.ended())
        name, identifier, data = stream.events[-1]
        check("accepted", identifier == "accepted" and data["state"] == "accepted" and stream.retry == "2000")
        result(world, data["result"], forum, request)
    check("what was seen does not come again", [event[1] for event in resumed.events] == ["accepted"])
    check("nor is there more to come", Stream(forum, request, last="accepted").status == 204)
    check("but for who has not seen it", Stream(forum, request, last="pending").wait(1)[0][1] == "accepted")
    cancelled, short = forum.ask(), forum.ask(lifetime=2)
    first, last = Stream(forum, cancelled), Stream(forum, short)
    forum.call("/requests/" + cancelled["nonce"], "DELETE", origin=second)
    check("cancelled", first.ended() and first.events[-1][1] == "cancelled")
    check("expired", last.ended() and last.events[-1][1] == "expired")
    for what, answer, status, code in (
        ("no token", forum.call(f"/requests/{short['nonce']}/events", token="x"), 401, "unauthorized"),
        ("unknown", forum.call(f"/requests/{'0' * 64}/events"), 404, "request-unknown"),
    ):
        problem(what, answer, status, code)


def bounds(world, forum, other):
    """So many streams and no more; a place is free again when its client goes. Silence is broken by heartbeats."""
    request = forum.ask()
    streams = []
    while (stream := Stream(forum, request)).status == 200:
        streams.append(stream)
        assert len(streams) < 200
    check("so many", len(streams) == 64 and stream.status == 503 and stream.response.getheader("retry-after") == "10")
    check("said so", json.loads(stream.response.read())["code"] == "too-many-streams")
    check("others have theirs", Stream(other, other.ask()).status == 200)
    for stream in streams[1:]:
        # The read that waits has a hold of its own on the socket.
        stream.connection.sock.shutdown(socket.SHUT_RDWR)
    deadline = time.time() + 40
    while Stream(forum, request).status != 200:
        assert time.time() < deadline, "places of clients that went are not free"
        time.sleep(1)
    while not streams[0].comments:
        assert time.time() < deadline, "no heartbeat"
        time.sleep(0.2)
    began = time.time()
    world.stop()
    check("the service ends with streams open", time.time() - began < 5 and streams[0].ended())
    check("without a word", [event[1] for event in streams[0].events] == ["pending"])


def main():
    with tempfile.TemporaryDirectory() as folder:
        world = Community(sys.argv[1], folder, {"ann": 30, "bob": 3})
        other_process = None
        try:
            for name in ("forum", "other"):
                world.run("forum", "add", "--data", "data", "--name", name, "--audience", name, "--redirect-uri", "https://forum.example.org/x")
            world.stop()
            world.start()
            forum, other = Audience(world, "forum"), Audience(world, "other")
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            second = f"http://127.0.0.1:{port}"
            with open(world.path("second.log"), "w") as log:
                other_process = subprocess.Popen([world.symbolon, "serve", "--data", "data", "--port", str(port), "--issuer", world.origin], cwd=folder,
                                                 env=world.environment, stdout=subprocess.DEVNULL, stderr=log)
            claims = polling(world, forum, other)
            results(world, forum, other, claims)
            cancelling(world, forum, other)
            events(world, forum, second)
            bounds(world, forum, other)
            log = world.read("serve.log")
            for secret in (forum.token, claims["sub"], claims["nonce"], claims["jti"]):
                check("the log knows nobody", secret not in log)
        finally:
            if other_process:
                other_process.terminate()
                other_process.wait()
            if world.server.poll() is None:
                world.stop()
    print(f"{count()} checks hold")


main()

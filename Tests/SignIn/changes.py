"""What is changed while the service runs holds without a restart: limits that an owner sets on the console, by the addresses for programs and by
the command, and audiences that a new forum brings.

    python3 Tests/SignIn/changes.py PATH-OF-SYMBOLON
"""
import json
import sys
import tempfile
import time

from basic_op import CALLBACK
from browser import call
from checks import check, count, page
from community import Community
from console import Operator, Program, PASSWORD, join

PURPOSE = json.dumps({"purposes": [{"purpose": "sign-in"}]})


class Visitors:
    """Networks of whom none has asked before."""

    def __init__(self, world):
        self.origin, self.number = world.origin, 0

    def allowed(self, tries=8):
        """How often a new one may ask at once."""
        self.number += 1
        statuses = [call(self.origin + "/live", headers={"X-Forwarded-For": f"198.51.100.{self.number}"}).status for _ in range(tries)]
        assert set(statuses) <= {200, 429}, statuses
        return statuses.count(200)

    def soon(self, number):
        """Whether it is that many within a second or so."""
        deadline = time.time() + 2.5
        while self.allowed() != number:
            if time.time() > deadline:
                return False
            time.sleep(0.2)
        return True


def limits(world, carla, dora, owner, moderator):
    visitors = Visitors(world)
    check("generous", visitors.allowed() == 8)
    path = "/console/service/limits"
    form = carla.form("/console/service", path)
    check("a moderator sees them and has no form", path not in dora.call("/console/service").text and "Requests a minute" in dora.call("/console/service").text)
    stolen = dora.post((path, dora.form("/console", "/sign-out")[1]), {"pages": "1"})
    check("nor a way around", stolen.status == 403 and "operator-role" in stolen.text)
    for value in ("-1", "1000001", "x", "1.5", "99999999999999999999"):
        answer = carla.post(form, {"pages": value})
        page(answer, 422)
        check(f"no limit: {value}", "limit-value" in answer.text)
    check("not from elsewhere", carla.post(form, {"pages": "3"}, {"Origin": "https://evil.example.org"}).status == 403)
    check("nothing happened", visitors.allowed() == 8)
    check("set", carla.post(form, {"pages": "3", "claims": "", "proofs": "", "forums": "", "files": ""}).status == 303)
    check("held at once", visitors.soon(3))
    check("shown", 'name="pages" type="number" min="0" max="1000000" value="3"' in carla.call("/console/service").text)
    check("by the command", world.run("operator", "limits", "--data", "data", "--set", "pages=5", "--operator", "shell") .splitlines()[3] == "pages  5 a minute")
    check("held without a restart", visitors.soon(5))
    told = owner.call("limits").json
    check("told", told["pages"] == {"per-minute": 5, "setting": 1200, "set": 5} and told["claims"] == {"per-minute": 60, "setting": 60, "set": None})
    refused = moderator.call("limits", "POST", {"pages": 1})
    check("owners alone", refused.status == 403 and refused.json["code"] == "operator-role")
    for body in ([], {"x": 1}, {"pages": "1"}, {"pages": 1.5}, {"pages": True}, {"pages": -1}, {"pages": 1_000_001}):
        check(f"refused: {body}", owner.call("limits", "POST", body).status in (400, 422))
    check("back to the setting", owner.call("limits", "POST", {"pages": None}).json["pages"]["per-minute"] == 1200)
    check("held", visitors.soon(8))
    world.run("operator", "limits", "--data", "data", "--set", "pages=2")
    world.stop()
    world.start()
    check("it outlives a restart", visitors.allowed() == 2)
    world.run("operator", "limits", "--data", "data", "--reset", "pages")
    for arguments in (["--set", "pages"], ["--set", "x=1"], ["--set", "pages=1", "--reset", "pages"], ["--set", "pages=-1"], ["--reset", "x"]):
        check(f"wrong usage: {arguments}", world.attempt("operator", "limits", "--data", "data", *arguments).returncode != 0)
    rows = [row for row in json.loads(world.run("forum", "audit-log", "--data", "data", "--json"))["rows"] if row["action"] == "limits.set"]
    check(f"logged: {rows}", [row["by"] for row in rows[:3]] == ["carla", "shell", "carla"] and [row["about"] for row in rows] == [
        {"pages": "3"}, {"pages": "5"}, {"pages": "setting"}, {"pages": "2"}, {"pages": "setting"}])


def audiences(world, owner):
    """A new audience asks, is answered and is published as soon as it is made, whoever makes it."""
    before = len(call(world.origin + "/v1/community").json["audiences"])
    made = [owner.call("forums", "POST", {"name": "New", "audience": "by-console", "redirect-uris": [CALLBACK]}).json["audience"],
            world.forum("Other", "by-command", "--redirect-uri", CALLBACK)["audience"]]
    for place, (audience, name) in enumerate(zip(made, ("by-console", "by-command"))):
        address = f"{world.origin}/v1/audiences/{audience}"
        token = {"Authorization": "Bearer " + world.read(f"data/audiences/{name}.token").strip()}
        check("not without its token", call(address + "/requests", "POST", PURPOSE).json["code"] == "unauthorized")
        answer = call(address + "/requests", "POST", PURPOSE, token)
        check("it asks at once", answer.status == 201)
        check("no policy yet", call(address + "/policy").json["code"] == "not-found")
        world.run("wallet", "present", "--wallet", "ann", "--service", world.origin, "--audience", audience, "--nonce", answer.json["nonce"],
                  "--smallest-set", "0")
        check("published", {"name": name, "id": audience} in call(world.origin + "/v1/community").json["audiences"])
    check("two more", len(call(world.origin + "/v1/community").json["audiences"]) == before + 2)
    check("others are none", call(f"{world.origin}/v1/audiences/{'00' * 32}/policy").json["code"] == "audience-unknown")


def main():
    with tempfile.TemporaryDirectory() as folder:
        world = Community(sys.argv[1], folder, {"ann": 30}, serve=["--console", "--proxy", "127.0.0.1"])
        try:
            join(world, "carla", "owner")
            join(world, "dora")
            carla, dora = Operator(world.origin), Operator(world.origin)
            carla.enter("carla", PASSWORD)
            dora.enter("dora", PASSWORD)
            owner, moderator = Program(world, "carla"), Program(world, "dora")
            audiences(world, owner)
            limits(world, carla, dora, owner, moderator)
        finally:
            world.stop()
    print(f"{count()} checks hold")


main()

"""The operator's console over HTTP, as operators and those who would like to be use it: links, passwords and waits, forms from elsewhere, roles,
the wizard, a ban and its appeal, statistics, the audit log.

    python3 Tests/SignIn/console.py PATH-OF-SYMBOLON
"""
import concurrent.futures
import json
import re
import sqlite3
import sys
import tempfile
import time
import urllib.parse

from basic_op import CALLBACK, Client, begin, discovery, sign_in
from browser import Browser, Page, call
from checks import check, count, page
from community import Community

PASSWORD = "correct horse battery"
PUBLIC = "Insults <i>again</i>."


class Operator(Browser):
    """A browser in which somebody works at the console."""

    def form(self, path, ending, status=200):
        answer = self.call(path)
        return self.parsed(answer, status).form(ending)

    def parsed(self, answer, status=200):
        parsed = page(answer, status)
        check("no script at all", "script" not in answer.headers["content-security-policy"] and "<script" not in answer.text)
        return parsed

    def enter(self, name, password):
        return self.post(self.form("/console/sign-in", "/console/sign-in"), {"name": name, "password": password})


def join(world, name, role=None, password=PASSWORD):
    made = world.run("operator", "add", "--data", "data", name, "--role", role or "moderator", "--json")
    return use_link(world, made, password)


def use_link(world, made, password):
    """Chooses a password by a link, once."""
    path = json.loads(made)["link"]
    browser = Operator(world.origin)
    form = browser.form(path, path)
    for pair in (("short", "short"), (password, password + "x"), ("", ""), ("x" * 257, "x" * 257)):
        browser.parsed(browser.post(form, {"password": pair[0], "again": pair[1]}), 422)
    check("not from elsewhere", browser.post(form, {"password": password, "again": password}, {"Origin": "https://evil.example.org"}).status == 403)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: browser.post(form, {"password": password, "again": password}), range(4)))
    check("one of them", sum(answer.status == 303 for answer in answers) == 1)
    check("used up", browser.call(path).status == 422)
    return browser


def entrance(world):
    """Who gets in, and who waits."""
    for path in ("/console", "/console/forums", "/console/audit-log", "/console/pseudonyms?who=x"):
        answer = call(world.origin + path)
        check("nobody is shown anything", answer.status == 303 and answer.location == "/console/sign-in")
    join(world, "carla", "owner")
    join(world, "dora")
    join(world, "erik")
    taken = world.attempt("operator", "add", "--data", "data", "carla")
    check("a name once", taken.returncode == 2)
    check("a name", world.attempt("operator", "add", "--data", "data", "../x").returncode == 2)
    check("a link for nobody", call(world.origin + "/console/join/" + "A" * 43).status == 422)
    check("nor for text", call(world.origin + "/console/join/x").status == 422)
    for name, good in (("erik", PASSWORD), ("nobody", PASSWORD)):
        browser = Operator(world.origin)
        for _ in range(5):
            answer = browser.enter(name, "wrong" + PASSWORD)
            browser.parsed(answer, 422)
            check("no more is said", "Name or password is wrong" in answer.text)
        answer = browser.enter(name, good)
        browser.parsed(answer, 429)
        check("nobody waits less for being right", re.search(r"after \d{4}-\d\d-\d\d \d\d:\d\d UTC", answer.text))
    use_link(world, world.run("operator", "link", "--data", "data", "erik", "--json"), PASSWORD)
    check("an owner's link opens the lock", Operator(world.origin).enter("erik", PASSWORD).status == 303)
    carla = Operator(world.origin)
    form = carla.form("/console/sign-in", "/console/sign-in")
    planted = dict(carla.cookies)
    check("not from elsewhere", carla.post(form, {"name": "carla", "password": PASSWORD}, {"Sec-Fetch-Site": "same-site"}).status == 403)
    check("not without the form's token", carla.post((form[0], {}), {"name": "carla", "password": PASSWORD}).status == 403)
    answer = carla.post(form, {"name": "carla", "password": PASSWORD})
    check("in", answer.status == 303 and answer.location == "/console")
    check("by another cookie than before", carla.cookies != planted)
    thief = Operator(world.origin)
    thief.cookies = planted
    check("the planted one is nobody's", thief.call("/console").location == "/console/sign-in")
    dora = Operator(world.origin)
    dora.enter("dora", PASSWORD)
    for operator, name in ((carla, "carla, owner"), (dora, "dora, moderator")):
        answer = operator.call("/console")
        operator.parsed(answer)
        check("who it is", name in answer.text)
    return carla, dora


def foreign_forms(world, carla):
    """A form that no page of this session sent does nothing."""
    form = carla.form("/console/service", "/console/service/keys")
    other = Operator(world.origin)
    other.enter("carla", PASSWORD)
    theirs = other.form("/console/service", "/console/service/keys")
    before = call(world.origin + "/openid/keys").json
    for fields, headers in (({}, {}), ({"form": "0" * 64}, {}), (theirs[1], {}), (form[1], {"Origin": "https://evil.example.org"}),
                            (form[1], {"Origin": "null"}), (form[1], {"Sec-Fetch-Site": "cross-site"}), (form[1], {"Sec-Fetch-Site": "same-site"})):
        answer = carla.post((form[0], fields), None, headers)
        carla.parsed(answer, 403)
    check("too much of it", carla.post((form[0], {**form[1], "x": "y" * 40_000})).status == 413)
    check("not of the form", carla.call(form[0], "POST", b"form=%zz").status == 403)
    check("by nobody", call(world.origin + form[0], "POST", urllib.parse.urlencode(form[1])).status == 303)
    check("nothing happened", call(world.origin + "/openid/keys").json == before)
    check("from here it does", carla.post(form).status == 303)
    check("other keys", len(call(world.origin + "/openid/keys").json["keys"]) == 4)
    other.post(other.form("/console", "/console/sign-out"))
    check("signed out", not other.cookies)
    check("and its session ended", call(world.origin + "/console", headers={"Cookie": "symbolon-console=x"}).status == 303)


def wizard(world, carla, dora):
    """Registers a forum, and shows what to enter there."""
    dora.parsed(dora.call("/console/forums/new"), 403)
    form = carla.form("/console/forums/new", "/console/forums/new")
    check("a moderator does not", dora.post((form[0], {"form": dora.form("/console", "/sign-out")[1]["form"], "client-id": "x"})).status == 403)
    good = {"kind": "synapse", "name": "The <b>Forum</b>", "url": "https://matrix.example.org/", "audience": "forum",
            "tiers": "member=members: votes >= 1\r\nregular=regulars: votes >= 20"}
    for changes in ({"kind": "x"}, {"name": ""}, {"url": "javascript:alert(1)"}, {"url": "http://matrix.example.org"}, {"audience": "The Forum"},
                    {"tiers": "x: nothing >= 1"}, {"tiers": "x: votes <= 1"}, {"kind": "nodebb"}, {"email-domain": "x"}, {"name": "a\u202eb"}):
        answer = carla.post(form, {**good, **changes})
        carla.parsed(answer, 422)
        check(f"said, and kept what was typed: {changes}", 'role="alert"' in answer.text and "votes" in answer.text)
    check("no audience is made on the way", "The Forum" not in carla.call("/console/forums/new").text)
    answer = carla.post(form, good)
    carla.parsed(answer)
    id, secret = form[1]["client-id"], re.search(r"Client secret: <code>([\w-]{43})</code>", answer.text).group(1)
    check("escaped", "The &lt;b&gt;Forum&lt;/b&gt;" in answer.text and "<b>Forum" not in answer.text)
    for text in (f'client_id: &quot;{id}&quot;', f'client_secret: &quot;{secret}&quot;', f'issuer: &quot;{world.origin}&quot;', "OIDCClientID " + id):
        check(f"ready to paste: {text}", text in answer.text)
    check("sent twice it registers one", carla.post(form, good).status == 422)
    again = carla.call(f"/console/forum/{id}")
    carla.parsed(again)
    check("the secret is shown once", secret not in again.text and "THE-CLIENT-SECRET" in again.text)
    text = world.run("forum", "settings", "--data", "data", id, "--for", "synapse", "--issuer", world.origin)
    check("the same by the command", f'client_id: "{id}"' in text and "pkce_method: always" in text)
    record = json.loads(world.run("forum", "show", "--data", "data", id))
    check("where members come back to", record["redirect-uris"] == ["https://matrix.example.org/_synapse/client/oidc/callback"])
    check("told who answers", record["iss"])
    apache = carla.form("/console/forums/new", "/console/forums/new")
    answer = carla.post(apache, {**good, "kind": "apache", "name": "The Pages", "url": "https://pages.example.org/", "audience": "pages"})
    carla.parsed(answer)
    # It takes the issuer beside an error for a login that somebody else began.
    check("not told who answers", not json.loads(world.run("forum", "show", "--data", "data", apache[1]["client-id"]))["iss"])
    check("and the page says so", "no iss in answers" in answer.text)
    world.run("forum", "remove", "--data", "data", apache[1]["client-id"])
    rotated = carla.post(Page(again.text).form("/secret"))
    check("another secret", secret not in rotated.text)
    return re.search(r"Client secret: <code>([\w-]{43})</code>", rotated.text).group(1), id


class Program:
    """A program that acts for an operator."""

    def __init__(self, world, name):
        self.origin = world.origin
        self.token = json.loads(world.run("operator", "token", "--data", "data", name, "--label", "test", "--json"))["token"]

    def call(self, path, method="GET", body=None, token=None):
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return call(self.origin + "/v1/operator/" + path, method, None if body is None else json.dumps(body), headers)


def programs(world, owner, moderator):
    """The same by addresses for programs."""
    check("not without a token", call(world.origin + "/v1/operator/forums").json["code"] == "unauthorized")
    for token in ("x", "A" * 43, owner.token[:-1], owner.token + "A"):
        check("nor by another", owner.call("forums", token=token).status == 401)
    check("a cookie is none", call(world.origin + "/v1/operator/forums", headers={"Cookie": "symbolon-console=" + owner.token}).status == 401)
    draft = {"name": "Other", "audience": "forum", "redirect-uris": [CALLBACK], "tiers": ["member=members: votes >= 1"]}
    refused = moderator.call("forums", "POST", draft)
    check("what owners do", refused.status == 403 and refused.json["code"] == "operator-role")
    for body in ([], {}, {**draft, "x": 1}, {**draft, "name": 3}, {**draft, "redirect-uris": []}, {**draft, "tiers": ["x: y"]}):
        check(f"refused: {body}", owner.call("forums", "POST", body).status in (400, 422))
    made = owner.call("forums", "POST", draft).json
    check("made, with its secret", len(made["client-secret"]) == 43)
    check("listed without", "client-secret" not in json.dumps(owner.call("forums").json))
    check("a moderator removes none", moderator.call(f"forums/{made['client-id']}", "DELETE").status == 403)
    check("nor changes a secret", moderator.call(f"forums/{made['client-id']}/secret", "POST").status == 403)
    check("nor keys", moderator.call("keys", "POST").status == 403)
    check("nobody has this one", owner.call("forums/nobody", "DELETE").json["code"] == "forum-unknown")
    check("an overview", owner.call("overview").json["forums"] == 2)
    return made


def banned(world, forum, carla, dora):
    """From the ban to the sign-in after the appeal."""
    browser = Browser(world.origin)
    code, name = sign_in(world, forum, "ann", browser)
    claims, tokens, _ = forum.claims(forum.exchange(code))
    for text in ("babab-babab-babab", "x", "a" * 32, "<script>"):
        answer = dora.call("/console/pseudonyms?" + urllib.parse.urlencode({"who": text}))
        dora.parsed(answer, 422)
    answer = dora.call(f"/console/pseudonyms?who={name}")
    parsed = dora.parsed(answer)
    check("found, with days and nothing closer", claims["sub"] in answer.text and re.search(r"last on \d{4}-\d\d-\d\d<", answer.text))
    dora.post(parsed.form("/console/notes"), {"text": "Careful\r\nhere"})
    form = parsed.form("/console/bans")
    for changes in ({"reason": ""}, {"public-reason": ""}, {"until": "yesterday"}, {"until": "2001-01-01"}, {"subject": "x"}, {"audience": "00" * 32}):
        answer = dora.post(form, {"reason": "r", "public-reason": PUBLIC, "until": "12h", **changes})
        check(f"refused: {changes}: {answer.status}", answer.status in (404, 422))
    check("banned", dora.post(form, {"reason": "r", "public-reason": PUBLIC, "until": "12h"}).status == 303)
    check("its token ended", forum.user_info(tokens["access_token"]).status == 401)
    path = begin(Browser(world.origin), forum)
    status, verdict = world.present("ann", world.origin + path)
    check("refused with the public reason", status == 1 and verdict["code"] == "banned" and verdict["reason"] == PUBLIC)
    shown = carla.call("/console/bans")
    carla.parsed(shown)
    check("shown, escaped", "Insults &lt;i&gt;again&lt;/i&gt;." in shown.text)
    world.write("appeal.txt", "I was quoting.\n</p><script>alert(1)</script>")
    world.run("wallet", "appeal", "--wallet", "ann", "--service", world.origin, "--audience", verdict["audience"], "--text-file", "appeal.txt")
    own = dora.call("/console/appeals")
    dora.parsed(own)
    check("who banned has no form for it", "somebody else decides" in own.text and "Lift the ban" not in own.text)
    form = carla.form("/console/appeals", "/console/appeals/1")
    forced = dora.post((form[0], dora.form("/console", "/sign-out")[1]), {"answer": "no", "decision": "refuse"})
    check("nor a way around", forced.status == 403 and "same-operator" in forced.text)
    check("no third decision", carla.post(form, {"answer": "yes", "decision": "x"}).status == 403)
    check("granted", carla.post(form, {"answer": "You did quote.", "decision": "grant"}).status == 303)
    check("once", carla.post(form, {"answer": "You did quote.", "decision": "grant"}).status == 409)
    code, _ = sign_in(world, forum, "ann")
    check("signed in again", forum.claims(forum.exchange(code))[0]["sub"] == claims["sub"])
    return claims


def moderated_by_programs(world, owner, moderator, forum, claims):
    sub = claims["sub"]
    ban = {"forum": forum.id, "pseudonym": sub, "reason": "r", "public-reason": "p"}
    for changes in ({"forum": "x"}, {"pseudonym": "x"}, {"reason": ""}, {"public-reason": "a\nb"}, {"until": "x"}, {"x": 1}):
        check(f"refused: {changes}", moderator.call("bans", "POST", {**ban, **changes}).status in (400, 404, 422))
    number = moderator.call("bans", "POST", ban).json["ban"]
    check("once", moderator.call("bans", "POST", ban).json["code"] == "already-banned")
    check("listed", [one["ban"] for one in owner.call("bans").json] == [number])
    check("noted", "note" in owner.call("notes", "POST", {"forum": forum.id, "pseudonym": sub, "text": "n"}).json)
    found = owner.call("pseudonyms/" + claims["preferred_username"]).json
    check("found", found["subject"] == sub and len(found["bans"]) == 2 and len(found["notes"]) == 2)
    world.write("appeal.txt", "Again.")
    audience = found["bans"][0]["audience"]
    world.run("wallet", "appeal", "--wallet", "ann", "--service", world.origin, "--audience", audience, "--text-file", "appeal.txt")
    appeal = owner.call("appeals").json[0]["appeal"]
    decision = {"grant": False, "answer": "No."}
    check("not by the same", moderator.call(f"appeals/{appeal}/decision", "POST", decision).json["code"] == "same-operator")
    check("decided", owner.call(f"appeals/{appeal}/decision", "POST", decision).status == 200)
    check("lifted", owner.call(f"bans/{number}/lift", "POST", {"reason": "enough"}).status == 200)
    check("once", owner.call(f"bans/{number}/lift", "POST", {"reason": "enough"}).json["code"] == "ban-unknown")
    check("no such number", owner.call("bans/x/lift", "POST", {"reason": "enough"}).status == 404)


def statistics(world, owner, carla, forum, secrets):
    """Small numbers are not shown; nothing of a pseudonym is in what is kept."""
    world.stop()
    store = sqlite3.connect(world.path("data/store.sqlite"))
    kept = store.execute("SELECT party, code, occurred FROM dailyCount").fetchall()
    counts = {(party, code): count for party, code, count in kept}
    check(f"counted: {kept}", counts[(forum.id, "accepted")] == 2 and counts[(forum.id, "banned")] == 1)
    check("nobody is in it", all(secret not in json.dumps(kept) for secret in secrets))
    today = int(time.time() // 86_400)
    store.execute("INSERT INTO dailyCount VALUES (?, ?, ?, ?)", (today - 1, forum.id, "accepted", 17))
    store.execute("INSERT INTO dailyCount VALUES (?, ?, ?, ?)", (today - 1, forum.id, "expired", 6))
    store.commit()
    store.close()
    world.start()
    shown = next(one for one in owner.call("statistics").json if one["party"] == forum.id)
    check("today's are too few", shown["days"][-1]["accepted"] is None and shown["days"][-1]["refused"] is None)
    check("yesterday's are not", shown["days"][-2]["accepted"] == 17 and shown["days"][-2]["refused"] == 6)
    check("nothing to subtract", shown["codes"] == {"expired": 6})
    answer = carla.call("/console")
    carla.parsed(answer)
    check("drawn", '<svg' in answer.text and ": 17 accepted</title>" in answer.text and "fewer than 5" in answer.text)
    check("the session outlives a restart", "carla, owner" in answer.text)


def audited(world, carla):
    """All of it stands in the audit log, and the page finds a doctored row."""
    log = json.loads(world.run("forum", "audit-log", "--data", "data", "--json"))
    actions = [row["action"] for row in log["rows"]]
    for action in ("operator.add", "operator.password", "operator.link", "sign-in", "keys.rotate", "forum.add", "forum.secret", "token.add",
                   "pseudonym.look-up", "note.add", "ban.add", "ban.lift", "appeal.grant", "appeal.refuse"):
        check(f"{action} stands in it", action in actions)
    check("it holds", log["verdict"] == "holds")
    answer = carla.call("/console/audit-log")
    carla.parsed(answer)
    check("so the page says", f"<code>{log['head']}</code>" in answer.text)
    for query in ("?before=5", "?before=0", "?before=-1", "?before=x", "?before=99999999999999999999", "?before=999999"):
        carla.parsed(carla.call("/console/audit-log" + query))
    store = sqlite3.connect(world.path("data/store.sqlite"))
    store.execute("UPDATE auditRow SET document = CAST(replace(CAST(document AS TEXT), 'dora', 'zora') AS BLOB) WHERE position = ?",
                  (actions.index("ban.add") + 1,))
    store.commit()
    store.close()
    check("the command finds it", world.attempt("forum", "audit-log", "--data", "data").returncode == 1)
    check("the page too", f"row {actions.index('ban.add') + 1} of the audit log" in carla.call("/console/audit-log").text)


def own_port(world):
    """On a port of its own nothing of it is on the service's."""
    world.stop()
    with __import__("socket").socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    world.serve = ["--console-port", str(port)]
    world.start()
    check("not here", call(world.origin + "/console").status == 404 and call(world.origin + "/v1/operator/forums").status == 404)
    there = f"http://127.0.0.1:{port}"
    deadline = time.time() + 30
    while True:
        try:
            browser = Operator(there)
            check("there", browser.enter("carla", PASSWORD).status == 303)
            break
        except OSError:
            assert time.time() < deadline
            time.sleep(0.1)
    browser.parsed(browser.call("/console"))
    check("and nothing else", call(there + "/v1/community").status == 404)
    world.stop()
    world.serve = []
    world.start()
    check("switched off", call(world.origin + "/console").status == 404)


def removed(world, owner, dora):
    check("one owner stays", world.attempt("operator", "remove", "--data", "data", "carla").returncode == 2)
    check("in his role", world.attempt("operator", "role", "--data", "data", "carla", "moderator").returncode == 2)
    world.run("operator", "remove", "--data", "data", "dora")
    check("his session ends", dora.call("/console").location == "/console/sign-in")
    numbers = [token["token"] for one in json.loads(world.run("operator", "list", "--data", "data", "--json")) for token in one["tokens"]]
    check("his tokens too", len(numbers) == 1)
    world.run("operator", "revoke", "--data", "data", str(numbers[0]))
    check("taken back", owner.call("forums").status == 401)


def main():
    with tempfile.TemporaryDirectory() as folder:
        world = Community(sys.argv[1], folder, {"ann": 30}, serve=["--console"])
        try:
            found = discovery(world)
            carla, dora = entrance(world)
            foreign_forms(world, carla)
            secret, id = wizard(world, carla, dora)
            owner, moderator = Program(world, "carla"), Program(world, "dora")
            forum = Client(programs(world, owner, moderator), found)
            claims = banned(world, forum, carla, dora)
            moderated_by_programs(world, owner, moderator, forum, claims)
            statistics(world, owner, carla, forum, [claims["sub"], claims["preferred_username"]])
            audited(world, carla)
            removed(world, owner, dora)
            own_port(world)
            log = world.read("serve.log")
            for one in (claims["sub"], claims["preferred_username"], PASSWORD, owner.token, secret, "quoting"):
                check("the log knows nobody", one not in log)
        finally:
            world.stop()
    print(f"{count()} checks hold")


if __name__ == "__main__":
    main()

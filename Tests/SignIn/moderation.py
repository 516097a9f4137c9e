"""Bans, appeals and the audit log over HTTP: a banned member is refused everywhere and told why, the forum hears nothing of it; he is heard, by
another operator than the one who banned; and who doctors the audit log is found out.

    python3 Tests/SignIn/moderation.py PATH-OF-SYMBOLON
"""
import json
import re
import sqlite3
import sys
import tempfile
import urllib.parse

from basic_op import CALLBACK, Client, begin, discovery, sign_in
from browser import Browser, call
from checks import check, count, page
from community import Community

REASON, PUBLIC = "three warnings, see the notes", "Insults <b>after</b> three warnings."


def refused(done, code):
    check(f"{code}: {done.stdout} {done.stderr}", done.returncode == 1 and done.stdout == f"refused: {code}\n")


def banned_by_code(world, client, member):
    """Signs in with a wallet elsewhere; the refusal it gets, and the page that the code shows."""
    browser = Browser(world.origin)
    path = begin(browser, client)
    status, verdict = world.present(member, world.origin + path)
    check(f"the wallet is told: {verdict}", status == 1 and verdict["code"] == "banned" and verdict["reason"] == PUBLIC)
    waiting = browser.call(path)
    check("a page elsewhere is not told", "Insults" not in waiting.text)
    check("nor led on", browser.call(path + "/continue").location is None)
    browser.post(page(waiting).form("/code"), {"code": verdict["sign-in-code"]})
    shown = browser.call(path)
    page(shown, 403)
    check("the page says why, escaped", "Insults &lt;b&gt;after&lt;/b&gt; three warnings." in shown.text and REASON not in shown.text)
    check("and how to appeal", f"--audience {verdict['audience']}" in shown.text)
    check("no way on", browser.call(path + "/continue").location is None)
    values = client.returned(browser.call(path + "/return"))
    check("the forum hears no more than of a cancelled one", set(values) - {"from"} == {"error", "error_description", "state", "iss"})
    check("denied", values["error"] == "access_denied")
    return verdict, shown.text


def refused_everywhere(world, forum, sister, stranger, claims, browser, tokens):
    code = forum.returned(browser.call(forum.address(prompt="none")))["code"]
    check("bans need a reason", world.attempt("forum", "ban", "--data", "data", "--forum", forum.id, claims["sub"], "--reason", " ",
                                              "--public-reason", PUBLIC).returncode == 2)
    check("one line for the member", world.attempt("forum", "ban", "--data", "data", "--forum", forum.id, claims["sub"], "--reason", REASON,
                                                   "--public-reason", "a\nb").returncode == 2)
    refused(world.attempt("forum", "ban", "--data", "data", "--forum", forum.id, "babab-babab-babab", "--reason", REASON, "--public-reason",
                          PUBLIC), "username-unknown")
    number = json.loads(world.run("forum", "ban", "--data", "data", "--forum", forum.id, claims["preferred_username"], "--reason", REASON,
                                  "--public-reason", PUBLIC, "--until", "30d", "--operator", "carla", "--json"))["ban"]
    refused(world.attempt("forum", "ban", "--data", "data", "--forum", sister.id, claims["sub"], "--reason", REASON, "--public-reason",
                          PUBLIC), "already-banned")
    check("the token ends", forum.user_info(tokens["access_token"]).status == 401)
    check("the code ends", forum.exchange(code).json == {"error": "invalid_grant"})
    check("the session ends", forum.returned(browser.call(forum.address(prompt="none")))["error"] == "login_required")
    verdict, text = banned_by_code(world, forum, "ann")
    check("with an end", verdict["until"] > 0 and re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", text))
    banned_by_code(world, sister, "ann")
    # By file: who gives it is at the browser, and is told there.
    browser = Browser(world.origin)
    path = begin(browser, forum)
    form = page(browser.call(path)).form("/answer")
    world.present("ann", world.origin + path, "--out", "banned.json")
    check("taken", browser.upload(form, world.read("banned.json")).status == 303)
    shown = browser.call(path)
    page(shown, 403)
    check("told", "Insults" in shown.text)
    check("denied", forum.returned(browser.call(path + "/return"))["error"] == "access_denied")
    # Others and elsewhere nothing changes.
    sign_in(world, forum, "bob")
    sign_in(world, stranger, "ann")
    return number, verdict["audience"]


def audience_api(world, audience):
    """Presentations to the audience itself: the wallet is told, and nothing is recorded."""
    world.stop()
    world.start()
    token = world.read("data/audiences/forum.token")

    def ask(purpose):
        asked = call(f"{world.origin}/v1/audiences/{audience}/requests", "POST", json.dumps({"purposes": [purpose]}),
                     {"Authorization": f"Bearer {token}"})
        check("asked", asked.status == 201)
        done = world.attempt("wallet", "present", "--wallet", "ann", "--service", world.origin, "--audience", audience, "--nonce",
                             asked.json["nonce"], "--smallest-set", "0",
                             "--accept-policy", "--json")
        return done.returncode, json.loads(done.stdout)

    status, verdict = ask({"purpose": "sign-in"})
    check(f"refused: {verdict}", status == 1 and verdict["code"] == "banned" and verdict["reason"] == PUBLIC)
    status, verdict = ask({"purpose": "act", "subject": "766f7465"})
    check("who shows no pseudonym is not recognised", status == 0 and verdict["verdict"] == "accepted")


def appeal(world, member, audience, text, *more):
    world.write("appeal.txt", text)
    done = world.attempt("wallet", "appeal", "--wallet", member, "--service", world.origin, "--audience", audience, "--text-file", "appeal.txt",
                         "--json", *more)
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


def heard(world, forum, audience):
    said = "I was quoting.\nPlease read <script>alert(1)</script> the thread again."
    status, told = appeal(world, "bob", audience, said)
    check("who is not banned has nothing to appeal", status == 1 and told["code"] == "not-banned")
    status, told = appeal(world, "ann", audience, "x" * 4001)
    check("not too long", status == 1 and told["code"] == "appeal-text")
    status, told = appeal(world, "ann", audience, "a\tb\x1b[2J")
    check("nothing that moves a cursor", status == 1 and told["code"] == "appeal-text")
    for _ in range(2):
        status, told = appeal(world, "ann", audience, said)
        check(f"it waits: {told}", status == 0 and told == {"state": "open"})
    status, told = appeal(world, "ann", audience, "Another one.")
    check("one at a time", status == 1 and told["code"] == "appeal-open")
    queue = json.loads(world.run("forum", "appeals", "--data", "data", "--json"))
    check("in the queue", len(queue) == 1 and queue[0]["text"] == said)
    return str(queue[0]["appeal"])


def hostile_appeals(world, audience):
    for body in ("", "{", "[]", "{}", '{"version":1,"text":"x","answer":{}}', '{"version":2}', '{"version":1,"text":"' + "x" * 200_000 + '"}'):
        answer = call(f"{world.origin}/v1/audiences/{audience}/appeals", "POST", body)
        check(f"refused: {answer.status}", 400 <= answer.status < 500 and "code" in answer.json)
    check("no audience", call(f"{world.origin}/v1/audiences/x/appeals", "POST", "{}").json["code"] == "audience-unknown")


def decided(world, forum, audience, number, claims):
    refused(world.attempt("forum", "decide", "--data", "data", number, "--grant", "--answer", "x", "--operator", "carla"), "same-operator")
    refused(world.attempt("forum", "decide", "--data", "data", "99", "--grant", "--answer", "x", "--operator", "dora"), "appeal-unknown")
    world.run("forum", "decide", "--data", "data", number, "--grant", "--answer", "You did quote.", "--operator", "dora")
    refused(world.attempt("forum", "decide", "--data", "data", number, "--refuse", "--answer", "x", "--operator", "dora"), "appeal-closed")
    status, told = appeal(world, "ann", audience, "I was quoting.\nPlease read <script>alert(1)</script> the thread again.")
    check("told", status == 0 and told == {"state": "granted", "answer": "You did quote."})
    code, _ = sign_in(world, forum, "ann")
    check("signed in again, as before", forum.claims(forum.exchange(code))[0]["sub"] == claims["sub"])


def by_hand(world, forum, audience, claims):
    """A ban without end, three appeals, and lifted by hand."""
    number = world.run("forum", "ban", "--data", "data", "--audience", "forum", claims["sub"], "--reason", REASON, "--public-reason",
                       "Again.", "--operator", "carla").split()[1]
    for text in ("One.", "Two.", "Three."):
        check("open", appeal(world, "ann", audience, text)[1] == {"state": "open"})
        open_ones = json.loads(world.run("forum", "appeals", "--data", "data", "--json"))
        world.run("forum", "decide", "--data", "data", str(open_ones[-1]["appeal"]), "--refuse", "--answer", "No.", "--operator", "dora")
        check("refused", appeal(world, "ann", audience, text) == (1, {"state": "refused", "answer": "No."}))
    check("no fourth", appeal(world, "ann", audience, "Four.")[1]["code"] == "appeals-used")
    world.run("forum", "note", "--data", "data", "--forum", forum.id, claims["sub"], "Came back; be patient.", "--operator", "dora")
    found = json.loads(world.run("forum", "lookup", "--data", "data", "--forum", forum.id, claims["preferred_username"], "--operator", "dora",
                                 "--json"))
    check("found", [ban["by"] for ban in found["bans"]] == ["carla", "carla"] and found["notes"][0]["text"] == "Came back; be patient.")
    check("days and nothing closer", re.fullmatch(r"\d{4}-\d\d-\d\d", found["last-day"]) and found["subject"] == claims["sub"])
    check("listed", [ban["ban"] for ban in json.loads(world.run("forum", "bans", "--data", "data", "--json"))] == [int(number)])
    world.run("forum", "unban", "--data", "data", number, "--reason", "enough", "--operator", "dora")
    refused(world.attempt("forum", "unban", "--data", "data", number, "--reason", "enough"), "ban-unknown")
    check("none left", json.loads(world.run("forum", "bans", "--data", "data", "--json")) == [])
    sign_in(world, forum, "ann")


def audited(world, claims):
    """All of it stands in the log; whoever changes the log is found out."""
    def verdict(*more):
        done = world.attempt("forum", "audit-log", "--data", "data", "--json", *more)
        return done.returncode, json.loads(done.stdout)

    status, log = verdict()
    check("it holds", status == 0 and log["verdict"] == "holds")
    actions = [row["action"] for row in log["rows"]]
    check(f"all of it: {actions}", actions == [
        "forum.add", "forum.add", "forum.add", "ban.add", "appeal.grant", "ban.add", "appeal.refuse", "appeal.refuse", "appeal.refuse", "note.add", "pseudonym.look-up", "ban.lift"])
    check("who and what", log["rows"][3]["by"] == "carla" and log["rows"][3]["about"]["subject"] == claims["sub"])
    check("refused attempts did nothing", [row["number"] for row in log["rows"]] == list(range(1, len(actions) + 1)))
    check("what was noted is found", verdict("--expect", log["head"])[0] == 0)
    check("another is not", verdict("--expect", "1:" + "0" * 64) == (1, {"verdict": "refused", "code": "audit-head"}))
    world.stop()
    store = sqlite3.connect(world.path("data/store.sqlite"))

    def doctored(statement, *values, expected="audit-row", more=()):
        rows = store.execute("SELECT position, document, hash FROM auditRow").fetchall()
        store.execute(statement, values)
        store.commit()
        check(f"found out: {statement}", verdict(*more) == (1, {"verdict": "refused", "code": expected}))
        store.execute("DELETE FROM auditRow")
        store.executemany("INSERT INTO auditRow (position, document, hash) VALUES (?, ?, ?)", rows)
        store.commit()

    document = store.execute("SELECT document FROM auditRow WHERE position = 4").fetchone()[0]
    doctored("UPDATE auditRow SET document = ? WHERE position = 4", document.replace(b"carla", b"dorit"))
    doctored("UPDATE auditRow SET hash = ? WHERE position = 3", b"\0" * 32)
    doctored("DELETE FROM auditRow WHERE position = 4")
    doctored("DELETE FROM auditRow WHERE position = 1")
    doctored("DELETE FROM auditRow WHERE position >= 12", expected="audit-head", more=("--expect", log["head"]))
    check("undone it holds", verdict("--expect", log["head"])[0] == 0)
    store.close()
    world.start()


def main():
    with tempfile.TemporaryDirectory() as folder:
        world = Community(sys.argv[1], folder, {"ann": 30, "bob": 3})
        try:
            found = discovery(world)
            tiers = ["--redirect-uri", CALLBACK, "--tier", "member=members: votes >= 1"]
            forum = Client(world.forum("The Forum", "forum", *tiers), found)
            sister = Client(world.forum("Sister", "forum", *tiers), found)
            stranger = Client(world.forum("Elsewhere", "other", *tiers), found)
            browser = Browser(world.origin)
            code, _ = sign_in(world, forum, "ann", browser)
            claims, tokens, _ = forum.claims(forum.exchange(code))
            _, audience = refused_everywhere(world, forum, sister, stranger, claims, browser, tokens)
            audience_api(world, audience)
            hostile_appeals(world, audience)
            number = heard(world, forum, audience)
            decided(world, forum, audience, number, claims)
            by_hand(world, forum, audience, claims)
            audited(world, claims)
            log = world.read("serve.log")
            for secret in (claims["sub"], claims["preferred_username"], "quoting", "Insults", "warnings"):
                check("the log knows nobody", secret not in log)
        finally:
            world.stop()
    print(f"{count()} checks hold")


main()

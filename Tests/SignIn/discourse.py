"""What a Discourse forum does (DiscourseConnect), and what somebody does who is none, against `symbolon serve` over HTTP. It shares no code
with the service: standard library only.

    python3 Tests/SignIn/discourse.py PATH-OF-SYMBOLON
"""
import base64
import concurrent.futures
import hashlib
import hmac
import json
import re
import secrets
import sys
import tempfile
import urllib.parse

from browser import Browser, Page, call
from checks import check, count, page
from community import Community

HOME = "https://forum.example.org/"
RETURN = HOME + "session/sso_login"


class Discourse:
    """A forum: makes nonces, signs requests, takes each nonce back once."""

    def __init__(self, record):
        self.id, self.secret, self.settings = record["client-id"], record["client-secret"], record["settings"]
        self.url, self.open = self.settings["discourse_connect_url"], set()

    def sign(self, sso):
        return hmac.new(self.secret.encode(), sso.encode(), hashlib.sha256).hexdigest()

    def payload(self, **changes):
        nonce = secrets.token_hex(16)
        self.open.add(nonce)
        values = {"nonce": nonce, "return_sso_url": RETURN, **changes}
        return urllib.parse.urlencode({name: value for name, value in values.items() if value is not None})

    def envelope(self, payload):
        sso = base64.b64encode(payload.encode()).decode()
        return {"sso": sso, "sig": self.sign(sso)}

    def address(self, **changes):
        return self.url + "?" + urllib.parse.urlencode(self.envelope(self.payload(**changes)))

    def returned(self, answer, base=RETURN):
        """What an answer says, as a forum reads it: signature first, then Base64, then the nonce, once."""
        check(f"back to the forum: {answer.location}", answer.status == 303 and answer.location.startswith(base + "?"))
        check("not kept, and not told from where", answer.headers["cache-control"] == "no-store" and answer.headers["referrer-policy"] == "no-referrer")
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.location).query, strict_parsing=True))
        check("two parameters", set(query) == {"sso", "sig"} and re.fullmatch("[A-Za-z0-9+/=]+", query["sso"]))
        check("signed", hmac.compare_digest(self.sign(query["sso"]), query["sig"]))
        pairs = urllib.parse.parse_qsl(base64.b64decode(query["sso"], validate=True).decode(), strict_parsing=True)
        values = dict(pairs)
        check("nothing twice", len(values) == len(pairs))
        check("the nonce is open", values["nonce"] in self.open)
        self.open.remove(values["nonce"])
        return values


def begin(browser, address):
    answer = browser.call(address)
    check(f"to the page: {answer.status} {answer.location}", answer.status == 303 and re.fullmatch(r"/sign-in/[\w-]{43}", answer.location))
    return answer.location


def prove(world, browser, path, member, tier=None):
    """By the code that a wallet elsewhere shows; the pseudonym that the page shows."""
    page(browser.call(path))
    status, verdict = world.present(member, world.origin + path, *(["--tier", tier] if tier else []))
    check(f"the wallet is believed: {verdict}", status == 0)
    proved = page(browser.call(path))
    check("no way on without the code", browser.call(path + "/continue").location is None)
    check("the code is taken", browser.post(proved.form("/code"), {"code": verdict["code"]}).status == 303)
    accepted = browser.call(path)
    check("a link leads on", f"{path}/continue" in page(accepted).links)
    return re.search(r"[a-z]{5}-[a-z]{5}-[a-z]{5}", accepted.text).group()


def sign_in(world, forum, member, browser=None, tier=None):
    browser = browser or Browser(world.origin)
    path = begin(browser, forum.address())
    name = prove(world, browser, path, member, tier)
    return forum.returned(browser.call(path + "/continue")), name


def username_rules(name):
    """Discourse's: 3 to 20 characters, letters, digits, dots, hyphens and underscores; both ends alphanumeric, no two marks in a row, no
    ending that looks like a file's."""
    return (re.fullmatch(r"[A-Za-z0-9][\w.-]{1,18}[A-Za-z0-9]", name, re.ASCII) and not re.search(r"[-_.]{2}", name)
            and not re.search(r"\.(js|json|css|html?|xml|jpe?g|png|gif|bmp|ico|tiff?|woff)$", name))


def whole_path(world, forum):
    browser = Browser(world.origin)
    values, name = sign_in(world, forum, "ann", browser)
    check("the pseudonym that was shown", values["username"] == name == values["name"] and username_rules(name))
    check("an external id", re.fullmatch(r"[a-z2-7]{32}", values["external_id"]))
    check("a made-up address", values["email"] == values["external_id"] + "@members.example.org")
    check("the lowest tier", values["add_groups"] == "members" and values["remove_groups"] == "regulars,veterans")
    check("quiet", values["suppress_welcome_message"] == "true" and "require_activation" not in values)
    check("nobody becomes staff, and nothing else is said", set(values) == {
        "nonce", "external_id", "username", "name", "email", "add_groups", "remove_groups", "suppress_welcome_message"})
    # Signed in already: no page.
    later = forum.returned(browser.call(forum.address()))
    check("the same member", {**later, "nonce": 0} == {**values, "nonce": 0})
    check("also when none may be shown", forum.returned(browser.call(forum.address(prompt="none")))["external_id"] == values["external_id"])
    failed = forum.returned(Browser(world.origin).call(forum.address(prompt="none")))
    check("nobody is signed in", set(failed) == {"nonce", "failed"} and failed["failed"] == "true")
    # A higher tier, in another browser: the same member with more groups.
    more, _ = sign_in(world, forum, "ann", tier="regular")
    check("more groups", more["external_id"] == values["external_id"])
    check("added and taken", more["add_groups"] == "members,regulars" and more["remove_groups"] == "veterans")
    other, _ = sign_in(world, forum, "bob")
    check("another member", other["external_id"] != values["external_id"] and other["username"] != values["username"])
    return browser, values


def refusals(world, forum, others):
    """Who did not sign, or is not to be answered there, gets a page and is sent nowhere."""
    browser = Browser(world.origin)

    def refused(query, url=forum.url):
        answer = browser.call(url + "?" + query)
        page(answer, 400)
        check(f"nowhere: {query[:80]}", answer.location is None and "evil" not in answer.text and "refresh" not in answer.headers)

    good = forum.envelope(forum.payload())
    encoded = urllib.parse.urlencode(good)
    check("it is good", browser.call(forum.url + "?" + encoded).status == 303)
    for sig in ("", "0" * 64, good["sig"].upper(), good["sig"][:-1], good["sig"] + "0", good["sig"][:-1] + "é"):
        refused(urllib.parse.urlencode({**good, "sig": sig}))
    flipped = good["sso"][:-4] + ("A" if good["sso"][-4] != "A" else "B") + good["sso"][-3:]
    refused(urllib.parse.urlencode({**good, "sso": flipped}))
    for query in ("", "sso=" + urllib.parse.quote(good["sso"]), "sig=" + good["sig"], encoded + "&sso=x", encoded + "&sig=" + good["sig"],
                  encoded + "&%73so=x", encoded + "&x=%zz", encoded + "&x=%ff"):
        refused(query)
    # Signed, but nothing that a forum writes.
    for sso in ("", "%%%", "bm9uY2U", "bm9uY2U9YQ", "bm9uY2U9YR==", "_-8=", "bm9u Y2U9YQ==", "AAAA", "/w==", "A" * 4001, "A" * 4100):
        refused(urllib.parse.urlencode({"sso": sso, "sig": forum.sign(sso)}))
    once = forum.payload()
    for payload in (
        once + "&nonce=x", once + "&return_sso_url=https%3A%2F%2Fevil.example%2F", "nonce=%zz&return_sso_url=" + urllib.parse.quote(RETURN),
        forum.payload(nonce=None), forum.payload(nonce=""), forum.payload(nonce="n" * 257), forum.payload(nonce="a\nb"), forum.payload(nonce="a\0b"),
        forum.payload(return_sso_url=None), forum.payload(return_sso_url="https://evil.example/session/sso_login"),
        forum.payload(return_sso_url=RETURN + "/"), forum.payload(return_sso_url=RETURN.upper()), forum.payload(return_sso_url=RETURN + "?x=1"),
        forum.payload(return_sso_url=RETURN + "#"), forum.payload(return_sso_url=RETURN.replace("https", "http")),
        forum.payload(return_sso_url="https://forum.example.org@evil.example/session/sso_login"), "nonce=1" + "&x=1" * 100,
        forum.payload(**{"custom.x": "x" * 3100}),
    ):
        refused(urllib.parse.urlencode(forum.envelope(payload)))
    # In the name of others.
    for other in others:
        refused(encoded, other)
    refused(encoded, forum.url + "x")
    refused(encoded, forum.url + "%00")
    check("too long for a request line", browser.call(forum.url + "?sso=" + "A" * 100_000).status in (400, 414, 431))
    # Whatever a nonce holds comes back as it was; Base64 in lines, as older forums write it, is signed with its line ends.
    odd = "ü&= +%25\"<script>"
    forum.open.add(odd)
    payload = urllib.parse.urlencode({"nonce": odd, "return_sso_url": RETURN, "custom.x": "1"})
    sso = base64.encodebytes(payload.encode()).decode()
    check("in lines", sso.count("\n") > 1)
    path = begin(browser, forum.url + "?" + urllib.parse.urlencode({"sso": sso, "sig": forum.sign(sso)}))
    prove(world, browser, path, "ann")
    check("an odd nonce comes back", forum.returned(browser.call(path + "/continue"))["nonce"] == odd)


def replays(world, forum):
    """A nonce is answered once, whoever comes with it, and however often it is begun."""
    thief, member = Browser(world.origin), Browser(world.origin)
    address = forum.address()
    first, second = begin(member, address), begin(member, address)
    prove(world, member, first, "ann")
    prove(world, member, second, "ann")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda path: member.call(path + "/continue"), (first, second)))
    check("of two at once one is answered", sorted(answer.status for answer in answers) == [303, 409])
    forum.returned(next(answer for answer in answers if answer.status == 303))
    page(next(answer for answer in answers if answer.status == 409), 409)
    # From the session too.
    page(member.call(address), 409)
    path = begin(thief, address)
    prove(world, thief, path, "bob")
    page(thief.call(path + "/continue"), 409)
    world.stop(kill=True)
    world.start()
    page(member.call(address), 409)


def cancelled(world, forum):
    """Who cancels goes to the forum's first page, without any answer; and may go on after all."""
    browser = Browser(world.origin)
    path = begin(browser, forum.address())
    gone = browser.post(page(browser.call(path)).form("/cancel"))
    check("the page leads back", gone.headers["refresh"] == f"0; url={path}/return")
    check("without an answer", browser.call(path + "/return").location == HOME)
    again = browser.post(page(browser.call(path)).form("/again"))
    check("begun anew", again.status == 303 and again.location != path)
    prove(world, browser, again.location, "ann")
    values = forum.returned(browser.call(again.location + "/continue"))
    page(browser.call(again.location))
    check("once", browser.call(again.location + "/continue").location is None and "external_id" in values)
    # The code stays with the browser here as well.
    path = begin(Browser(world.origin), forum.address())
    page(browser.call(path), 404)


def logout(world, forum, browser):
    settings = forum.settings
    check("settings to paste", set(settings) == {"enable_discourse_connect", "discourse_connect_url", "discourse_connect_secret", "logout_redirect"})
    check("the secret", settings["discourse_connect_secret"] == forum.secret and re.fullmatch("[0-9a-f]{64}", forum.secret))
    asked = browser.call(settings["logout_redirect"])
    gone = browser.post(page(asked).form("/openid/logout"))
    check("signed out, and back", gone.status == 200 and gone.headers["refresh"] == f"0; url={HOME}")
    check("a page again", begin(browser, forum.address()))
    # Signed by the forum it needs no page.
    sign_in(world, forum, "ann", browser)
    check("by the forum", browser.call(forum.address(logout="true")).location == RETURN)
    check("signed out", forum.returned(browser.call(forum.address(prompt="none")))["failed"] == "true")


def no_other_protocol(world, forum):
    """A Discourse forum is no client of OpenID Connect, not even one without a secret."""
    browser, verifier = Browser(world.origin), secrets.token_urlsafe(32)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    parameters = {"response_type": "code", "scope": "openid", "client_id": forum.id, "redirect_uri": RETURN, "state": "s", "nonce": "n",
                  "code_challenge": challenge, "code_challenge_method": "S256"}
    page(browser.call("/openid/authorize?" + urllib.parse.urlencode(parameters)), 400)
    for more in ({}, {"client_secret": forum.secret}):
        body = {"grant_type": "authorization_code", "code": secrets.token_urlsafe(32), "redirect_uri": RETURN, "client_id": forum.id,
                "code_verifier": verifier, **more}
        answer = call(world.origin + "/openid/token", "POST", urllib.parse.urlencode(body), {"Content-Type": "application/x-www-form-urlencoded"})
        check("no client", answer.status == 401 and answer.json == {"error": "invalid_client"})


def staff_and_mail(world):
    """What the operator has to say himself: who is staff, and that nobody reads the address."""
    tiers = ["--tier", "member=members: votes >= 1", "--tier", "regular=regulars: votes >= 20", "--tier", "elder=regulars: votes >= 25"]
    forum = Discourse(world.forum("Staffed", "staffed", "--discourse", "--issuer", world.origin, "--return-url", RETURN + "?via=x", *tiers,
                                  "--email-domain", "members.example.org", "--moderator-tier", "regular", "--admin-tier", "elder"))
    for tier, groups, moderator, admin in (("member", "members", "false", "false"), ("regular", "members,regulars", "true", "false"),
                                           ("elder", "members,regulars", "true", "true")):
        browser = Browser(world.origin)
        path = begin(browser, forum.address(return_sso_url=RETURN + "?via=x"))
        prove(world, browser, path, "ann", tier)
        answer = browser.call(path + "/continue")
        answer.headers["location"] = answer.location.replace("?via=x&", "?")
        values = forum.returned(answer)
        check("staff as said", (values["add_groups"], values["moderator"], values["admin"]) == (groups, moderator, admin))
        check("a group of two tiers is not taken", values.get("remove_groups", "") == ("regulars" if tier == "member" else ""))
        check("the address is not verified", values["require_activation"] == "true")


def banned(world, forum, values):
    """Who is banned is told so here; his forum sees him come back without an answer."""
    browser = Browser(world.origin)
    sign_in(world, forum, "ann", browser)
    number = json.loads(world.run("forum", "ban", "--data", "data", "--forum", forum.id, values["username"], "--reason", "for operators",
                                  "--public-reason", "Spam.", "--json"))["ban"]
    check("the session ends", forum.returned(browser.call(forum.address(prompt="none"))).get("failed") == "true")
    path = begin(browser, forum.address())
    status, verdict = world.present("ann", world.origin + path)
    check("the wallet is told", status == 1 and verdict["code"] == "banned" and verdict["reason"] == "Spam.")
    browser.post(page(browser.call(path)).form("/code"), {"code": verdict["sign-in-code"]})
    shown = browser.call(path)
    page(shown, 403)
    check("the page says why", "Spam." in shown.text)
    check("no way on", browser.call(path + "/continue").location is None)
    check("back without an answer", browser.call(path + "/return").location == HOME)
    world.run("forum", "unban", "--data", "data", str(number), "--reason", "for operators")
    again, _ = sign_in(world, forum, "ann", browser)
    check("the same member again", again["external_id"] == values["external_id"])


def commands(world, forum):
    shown = world.run("forum", "show", "--data", "data", forum.id)
    check("shown without the secret", json.loads(shown)["type"] == "discourse" and forum.secret not in shown and "salt" not in shown)
    address = ["--return-url", RETURN]
    mail = ["--email-domain", "members.example.org"]
    for refused in (
        [*mail], address, [*address, *mail, "--redirect-uri", RETURN], [*address, *mail, "--public"], [*address, *mail, "--no-nonce"],
        [*address, *mail, "--tier", "a=A b"], [*address, *mail, "--tier", "a=a,b"], [*address, *mail, "--tier", "a=-x"], [*address, *mail, "--tier", "a=a--b"],
        [*address, *mail, "--moderator-tier", "nobody"], ["--return-url", "http://forum.example.org/session/sso_login", *mail],
        ["--return-url", "org.example.app:/x", *mail], [*address, *mail, "--issuer", "id.example.org"],
    ):
        done = world.attempt("forum", "add", "--data", "data", "--name", "X", "--audience", "forum", "--discourse", *refused)
        check(f"refused: {refused} {done.stdout} {done.stderr}", done.returncode == 2)
    done = world.attempt("forum", "add", "--data", "data", "--name", "X", "--audience", "forum", *address)
    check("a return URL is Discourse's", done.returncode == 2)
    browser, old = Browser(world.origin), forum.address()
    forum.secret = json.loads(world.run("forum", "rotate-secret", "--data", "data", forum.id, "--json"))["client-secret"]
    page(browser.call(old), 400)
    values, _ = sign_in(world, forum, "bob", browser)
    check("the new secret signs, both ways", "external_id" in values)
    late = forum.address()
    world.run("forum", "remove", "--data", "data", forum.id)
    page(browser.call(late), 400)


def main():
    with tempfile.TemporaryDirectory() as folder:
        world = Community(sys.argv[1], folder, {"ann": 30, "bob": 3})
        try:
            mail = ["--email-domain", "members.example.org", "--email-verified"]
            tiers = ["--tier", "member=members: votes >= 1", "--tier", "regular=regulars: votes >= 20", "--tier", "veteran=veterans: votes >= 500"]
            forum = Discourse(world.forum("The Forum", "forum", "--discourse", "--issuer", world.origin, "--return-url", RETURN, *mail, *tiers))
            sister = Discourse(world.forum("Sister", "forum", "--discourse", "--issuer", world.origin, "--return-url", RETURN, *mail, *tiers))
            client = world.forum("Client", "forum", "--redirect-uri", RETURN)
            check("secrets of their own", forum.secret != sister.secret)
            browser, values = whole_path(world, forum)
            same, _ = sign_in(world, sister, "ann")
            check("one audience, one pseudonym", same["external_id"] == values["external_id"])
            refusals(world, forum, [sister.url, f"{world.origin}/discourse/{client['client-id']}", f"{world.origin}/discourse/nobody"])
            replays(world, forum)
            cancelled(world, forum)
            logout(world, forum, browser)
            no_other_protocol(world, forum)
            staff_and_mail(world)
            banned(world, forum, values)
            commands(world, forum)
            log, dump = world.read("serve.log"), open(world.path("data/store.sqlite"), "rb").read()
            for secret in (values["external_id"], values["username"], forum.id, forum.secret, browser.cookies.get("symbolon", "no cookie")):
                check("the log knows nobody", secret not in log)
            check("the store holds no secret", forum.secret.encode() not in dump and sister.secret.encode() not in dump)
        finally:
            world.stop()
    print(f"{count()} checks hold")


main()

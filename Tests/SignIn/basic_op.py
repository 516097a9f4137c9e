"""A minimal client of OpenID Connect, and a hostile one, against `symbolon serve` over HTTP: the Basic OP profile, what signs whom in, and
what a relay, a guess, a replay and a restart come to. It shares no code with the service: standard library only.

    python3 Tests/SignIn/basic_op.py PATH-OF-SYMBOLON
"""
import base64
import concurrent.futures
import hashlib
import http.server
import json
import queue
import re
import secrets
import sys
import tempfile
import threading
import time
import urllib.parse

from browser import Browser, Page, call
from checks import check, count, page
from community import Community
from tokens import decode, encode, verified

CALLBACK = "https://forum.example.org/auth/callback?from=oidc"


class Client:
    """What a forum's software does."""

    def __init__(self, record, discovery):
        self.id, self.secret = record["client-id"], record.get("client-secret")
        self.callback, self.algorithm = record["redirect-uris"][0], record["algorithm"]
        self.discovery, self.is_told_issuer = discovery, record["iss"]

    def request(self, **changes):
        """The parameters of an authorization request; None leaves one out. Keeps what the answer is compared with."""
        self.state, self.nonce, self.verifier = (secrets.token_urlsafe(32) for _ in range(3))
        parameters = {
            "response_type": "code", "scope": "openid profile email", "client_id": self.id, "redirect_uri": self.callback,
            "state": self.state, "nonce": self.nonce, "code_challenge": encode(hashlib.sha256(self.verifier.encode()).digest()),
            "code_challenge_method": "S256", **changes}
        return {name: value for name, value in parameters.items() if value is not None}

    def address(self, **changes):
        return self.discovery["authorization_endpoint"] + "?" + urllib.parse.urlencode(self.request(**changes))

    def returned(self, answer):
        """The answer at the callback: ours, to our request."""
        check("the redirect goes to the callback", answer.status == 303 and answer.location.startswith(self.callback + "&"))
        values = answer.returned
        check("the answer says to what it is", values.get("state") == self.state)
        check("and who gives it", values.get("iss") == (self.discovery["issuer"] if self.is_told_issuer else None))
        return values

    def exchange(self, given, method="basic", **changes):
        body = {"grant_type": "authorization_code", "code": given, "redirect_uri": self.callback, "code_verifier": self.verifier}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if method == "basic":
            pair = f"{urllib.parse.quote(self.id, safe='')}:{urllib.parse.quote(self.secret, safe='')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            body["client_id"] = self.id
            if method == "post":
                body["client_secret"] = self.secret
        body = {name: value for name, value in {**body, **changes}.items() if value is not None}
        return call(self.discovery["token_endpoint"], "POST", urllib.parse.urlencode(body), headers)

    def claims(self, answer):
        """The claims of a token response, checked as OpenID Connect Core 3.1.3.7 says."""
        check("tokens are not kept by caches", answer.status == 200 and answer.headers["cache-control"] == "no-store")
        tokens = answer.json
        check("a bearer token", tokens["token_type"].lower() == "bearer" and tokens["expires_in"] > 0)
        keys = call(self.discovery["jwks_uri"]).json["keys"]
        claims, key = verified(tokens["id_token"], keys, self.algorithm)
        check("it is ours", claims["iss"] == self.discovery["issuer"] and claims["aud"] == self.id and claims.get("nonce") == self.nonce)
        check("it is of now", claims["iat"] <= time.time() + 5 < claims["exp"])
        half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
        check("it is of this access token", claims["at_hash"] == encode(half))
        return claims, tokens, key

    def user_info(self, token, method="GET", where="header"):
        headers, body = {}, None
        if where == "header":
            headers["Authorization"] = "Bearer " + token
        else:
            headers["Content-Type"], body = "application/x-www-form-urlencoded", urllib.parse.urlencode({"access_token": token})
        return call(self.discovery["userinfo_endpoint"], method, body, headers)


def begin(browser, client, **changes):
    """To the page of a fresh sign-in; its address."""
    answer = browser.call(client.address(**changes))
    check("to the page", answer.status == 303 and re.fullmatch(r"/sign-in/[\w-]{43}", answer.location))
    return answer.location


def sign_in(world, client, member, browser=None, tier=None, **changes):
    """A whole sign-in by the code that a wallet elsewhere shows; the answer at the callback."""
    browser = browser or Browser(world.origin)
    path = begin(browser, client, **changes)
    waiting = browser.call(path)
    page(waiting)
    check("no pseudonym before the proof", not re.search(r"[a-z]{5}-[a-z]{5}-[a-z]{5}", waiting.text))
    status, verdict = world.present(member, world.origin + path, *(["--tier", tier] if tier else []))
    check(f"the wallet is believed: {verdict}", status == 0 and verdict["verdict"] == "accepted")
    proved = page(browser.call(path))
    check("no way on without the code", browser.call(path + "/continue").location is None)
    answer = browser.post(proved.form("/code"), {"code": verdict["code"].lower().replace("-", " ")})
    check("back to the page", answer.status == 303 and answer.location == path)
    accepted = browser.call(path)
    page(accepted)
    name = re.search(r"[a-z]{5}-[a-z]{5}-[a-z]{5}", accepted.text).group()
    # A plain link leads on, which form-action does not stop.
    check("a link leads on", f"{path}/continue" in Page(accepted.text).links)
    values = client.returned(browser.call(path + "/continue"))
    return values["code"], name


def discovery(world):
    answer = call(world.origin + "/.well-known/openid-configuration")
    check("discovery", answer.status == 200 and answer.headers["content-type"] == "application/json")
    found = answer.json
    check("the issuer is the origin", found["issuer"] == world.origin)
    check("code alone", found["response_types_supported"] == ["code"] and found["code_challenge_methods_supported"] == ["S256"])
    check("both algorithms", set(found["id_token_signing_alg_values_supported"]) == {"RS256", "ES256"})
    check("no claim is promised too much", found["subject_types_supported"] == ["pairwise"])
    keys = call(found["jwks_uri"]).json["keys"]
    check("a key of each", sorted(key["alg"] for key in keys) == ["ES256", "RS256"] and len({key["kid"] for key in keys}) == 2)
    return found


def whole_path(world, forum):
    """Sign-in, tokens, userinfo; the claims."""
    browser = Browser(world.origin)
    code, name = sign_in(world, forum, "ann", browser)
    claims, tokens, _ = forum.claims(forum.exchange(code))
    check("sub", re.fullmatch(r"[a-z2-7]{32}", claims["sub"]))
    check("the pseudonym that was shown", claims["preferred_username"] == name and 3 <= len(name) <= 20 and "." not in name)
    check("the lowest tier", claims["groups"] == ["members"] and claims["acr"] == "member" and claims["amr"] == ["pop"])
    check("the time of the proof", abs(claims["auth_time"] - time.time()) < 60)
    check("a made-up address", claims["email"] == claims["sub"] + "@members.example.org" and claims["email_verified"] is True)
    for method, where in (("GET", "header"), ("POST", "header"), ("POST", "form")):
        answer = forum.user_info(tokens["access_token"], method, where)
        shown = answer.json
        check("userinfo says the same", answer.status == 200 and shown == {name: claims[name] for name in shown} and "email" in shown)
        check("all of it", set(claims) - set(shown) == {"iss", "aud", "iat", "exp", "nonce", "at_hash"})
    for answer in (forum.user_info("x"), forum.user_info(secrets.token_urlsafe(32)), forum.user_info(tokens["id_token"])):
        check("no other token", answer.status == 401 and 'error="invalid_token"' in answer.headers["www-authenticate"])
    check("no token", call(forum.discovery["userinfo_endpoint"]).status == 401)
    # A code that comes twice was stolen: what it was exchanged for ends.
    again = forum.exchange(code)
    check("a code once", again.status == 400 and again.json == {"error": "invalid_grant"})
    check("and its token ends", forum.user_info(tokens["access_token"]).status == 401)
    return browser, claims, tokens


def prompts(world, forum, browser, claims, tokens):
    """Sign-ins without a page, and those that must have one."""
    def silently(**changes):
        answer = browser.call(forum.address(**changes))
        values = forum.returned(answer)
        return forum.claims(forum.exchange(values["code"]))[0]

    for changes in ({"prompt": "none"}, {}, {"max_age": "10000"}, {"prompt": "none", "id_token_hint": tokens["id_token"]}):
        later = silently(**changes)
        check("the same proof", later["sub"] == claims["sub"] and later["auth_time"] == claims["auth_time"])
    for changes in ({"prompt": "login"}, {"prompt": "consent"}, {"max_age": "0"}):
        check("a page all the same", begin(browser, forum, **changes))
    time.sleep(2)
    check("too long ago", begin(browser, forum, max_age="1"))
    for stranger in (Browser(world.origin), browser):
        changes = {"prompt": "none"} if stranger is not browser else {"prompt": "none", "max_age": "1"}
        check("nobody signed in", forum.returned(stranger.call(forum.address(**changes)))["error"] == "login_required")
    hint = decode(tokens["id_token"].split(".")[1]).replace(claims["sub"].encode(), b"a" * 32)
    forged = tokens["id_token"].split(".")
    forged[1] = encode(hint)
    values = forum.returned(browser.call(forum.address(prompt="none", id_token_hint=".".join(forged))))
    check("a forged hint", values["error"] == "invalid_request")
    # By POST, as from the forum's page: without the cookie, and then by GET with it.
    answer = call(forum.discovery["authorization_endpoint"], "POST", urllib.parse.urlencode(forum.request()),
                  {"Content-Type": "application/x-www-form-urlencoded"})
    check("POST leads to GET", answer.status == 303 and answer.location.startswith("/openid/authorize?"))
    check("which is the same", "code" in forum.returned(browser.call(answer.location)))


def errors(world, forum, other):
    """What is wrong with a request comes back to the forum; unless it is the address, where nobody is sent."""
    browser = Browser(world.origin)
    for changes in (
        {"redirect_uri": "https://evil.example.org/"}, {"redirect_uri": CALLBACK + "/x"}, {"redirect_uri": CALLBACK.upper()},
        {"redirect_uri": CALLBACK + "#"}, {"redirect_uri": None}, {"client_id": "nobody"}, {"client_id": None},
        {"redirect_uri": other.callback}, {"client_id": forum.id + "\0"},
    ):
        page(browser.call(forum.address(**changes)), 400)
    twice = forum.address() + "&state=x"
    page(browser.call(twice), 400)
    page(browser.call(forum.address() + "&x=%zz"), 400)
    page(browser.call(forum.address() + "&x=%ff"), 400)
    for changes, error in (
        ({"response_type": None}, "invalid_request"), ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"), ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": None}, "invalid_scope"), ({"scope": "profile"}, "invalid_scope"), ({"nonce": None}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"), ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"), ({"code_challenge": "short"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"), ({"prompt": "dance"}, "invalid_request"), ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "1e9"}, "invalid_request"), ({"request": "e30."}, "request_not_supported"),
        ({"request_uri": "https://forum.example.org/r"}, "request_uri_not_supported"), ({"registration": "{}"}, "registration_not_supported"),
        ({"nonce": "n" * 2000}, "invalid_request"), ({"id_token_hint": "x.y.z"}, "invalid_request"),
    ):
        values = forum.returned(browser.call(forum.address(**changes)))
        check(f"{changes}: {values}", values["error"] == error and "code" not in values)
    check("nothing of it made a session", not browser.cookies)
    # State and nonce with everything in them come back as they were.
    odd = "ü&= +%25\"<script>\n"
    browser.call(forum.address(state=odd, prompt="none"))
    values = browser.call(forum.address(state=odd, prompt="none")).returned
    check("state comes back", values["state"] == odd)


def exchanges(world, forum, other, browser):
    """What a code is exchanged for, and what not."""
    def code():
        return forum.returned(browser.call(forum.address(prompt="none")))["code"]

    given = code()
    for changes, error in (
        ({"code_verifier": secrets.token_urlsafe(32)}, "invalid_grant"), ({"code_verifier": None}, "invalid_grant"),
        ({"redirect_uri": CALLBACK + "x"}, "invalid_grant"), ({"redirect_uri": None}, "invalid_grant"),
        ({"code": secrets.token_urlsafe(32)}, "invalid_grant"), ({"code": "x"}, "invalid_grant"), ({"code": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"), ({"grant_type": None}, "invalid_request"),
        ({"client_secret": forum.secret}, "invalid_request"),
    ):
        answer = forum.exchange(given, **changes)
        check(f"{changes}: {answer.body}", answer.status == 400 and answer.json == {"error": error})
    for answer in (
        forum.exchange(given, "post", client_secret="wrong"), forum.exchange(given, "none"), forum.exchange(given, "post", client_id="nobody"),
        forum.exchange(given, "basic", client_id=other.id),
    ):
        check(f"{answer.body}", answer.status == 401 and answer.json == {"error": "invalid_client"})
    right, forum.secret = forum.secret, "wrong"
    answer = forum.exchange(given)
    forum.secret = right
    check("a wrong secret", answer.status == 401 and answer.headers["www-authenticate"].startswith("Basic"))
    other.verifier = forum.verifier
    check("another forum's code", other.exchange(given, redirect_uri=forum.callback).json == {"error": "invalid_grant"})
    check("after all that it is still good, by the other method", forum.exchange(given, "post").status == 200)
    # At once from many sides: one gets it, and then nobody has it.
    given = code()
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: forum.exchange(given), range(16)))
    good = [answer for answer in answers if answer.status == 200]
    check("one of sixteen", len(good) == 1 and all(answer.json == {"error": "invalid_grant"} for answer in answers if answer.status != 200))
    check("and it was taken back", forum.user_info(good[0].json["access_token"]).status == 401)


def public_client(world, client, sub):
    """A client without a secret, with PKCE."""
    code, _ = sign_in(world, client, "ann")
    check("a secret that it does not have", client.exchange(code, "none", client_secret="x").json == {"error": "invalid_client"})
    check("not without the verifier", client.exchange(code, "none", code_verifier=None).json == {"error": "invalid_grant"})
    claims, _, _ = client.claims(client.exchange(code, "none"))
    check("the same audience, the same pseudonym", claims["sub"] == sub and "email" not in claims)


def who_is_who(world, forum, sister, stranger, sub):
    """One member, one pseudonym for each audience."""
    def subject(client, member, **more):
        code, _ = sign_in(world, client, member, **more)
        return client.claims(client.exchange(code))[0]

    higher = subject(forum, "ann", tier="regular")
    check("the same member", higher["sub"] == sub)
    check("proved more", higher["groups"] == ["members", "regulars"] and higher["acr"] == "regular")
    bob = subject(forum, "bob")
    check("another member", bob["sub"] != sub and bob["preferred_username"] != higher["preferred_username"])
    check("another forum of the audience, signed otherwise", subject(sister, "ann")["sub"] == sub and sister.algorithm == "ES256")
    check("another audience of the same name", subject(stranger, "ann")["sub"] != sub)
    # A tier that he does not meet: his wallet sends nothing.
    browser = Browser(world.origin)
    path = begin(browser, forum)
    status, verdict = world.present("bob", world.origin + path, "--tier", "regular")
    check("an honest wallet refuses", status == 1 and verdict["code"] == "not-satisfied")
    check("and nobody hears of it", browser.call(path + "/state").json == {"state": "waiting"})


def cancel(world, forum):
    """The forum learns that it was cancelled and nothing else; then it may go better."""
    browser = Browser(world.origin)
    path = begin(browser, forum)
    cancelled = browser.post(page(browser.call(path)).form("/cancel"))
    page(cancelled)
    check("back by itself", cancelled.headers["refresh"] == f"0; url={path}/return")
    values = forum.returned(browser.call(path + "/return"))
    check("access_denied and no more", set(values) - {"from"} == {"error", "error_description", "state", "iss"} and values["error"] == "access_denied")
    status, verdict = world.present("ann", world.origin + path)
    check("no wallet answers it any more", status == 1 and verdict["code"] == "sign-in-closed")
    again = browser.post(page(browser.call(path)).form("/again"))
    check("another address", again.status == 303 and again.location != path)
    status, verdict = world.present("ann", world.origin + again.location)
    browser.post(page(browser.call(again.location)).form("/code"), {"code": verdict["code"]})
    check("and a sign-in", "code" in forum.returned(browser.call(again.location + "/continue")))
    used = browser.call(again.location + "/continue")
    page(used)
    check("once", "used already" in used.text)
    page(browser.call(path), 404)


def by_file(world, forum):
    """The answer as a file, in the browser where it began; hostile files too."""
    browser = Browser(world.origin)
    path = begin(browser, forum)
    form = page(browser.call(path)).form("/answer")
    for text in ("", "{", "[]", "{}", '{"version":1}', "\0" * 1000, "x" * 140_000, '{"a":' * 2000):
        answer = browser.upload(form, text)
        page(answer, 422)
        check("said on the page", 'role="alert"' in answer.text)
    check("too large for anything", browser.upload(form, "x" * 400_000).status == 413)
    status, _ = world.present("ann", world.origin + path, "--out", "answer.json")
    check("written", status == 0)
    answer = world.read("answer.json")
    spoilt = json.loads(answer)
    spoilt["presentation"] = ("B" if spoilt["presentation"][0] == "A" else "A") + spoilt["presentation"][1:]
    page(browser.upload(form, json.dumps(spoilt, separators=(",", ":"))), 422)
    # Not from another browser, not from another site, not with another page's token.
    page(Browser(world.origin).upload(form, answer), 404)
    page(browser.upload(form, answer, {"Origin": "https://forum.example.org"}), 403)
    page(browser.upload(form, answer, {"Sec-Fetch-Site": "same-site"}), 403)
    page(browser.upload((form[0], {"form": "0" * 64}), answer), 403)
    elsewhere = begin(browser, forum, prompt="login")
    page(browser.upload((form[0], page(browser.call(elsewhere)).form("/answer")[1]), answer), 403)
    page(browser.upload(page(browser.call(elsewhere)).form("/answer"), answer), 422)
    accepted = browser.upload(form, answer)
    check("accepted", accepted.status == 303 and accepted.location == path)
    replayed = browser.upload(form, answer)
    page(replayed, 422)
    check("a code", "code" in browser.call(path + "/continue").returned)


def relay(world, forum):
    """Somebody shows his own live sign-in to a member, on his page or through his forum. The member's wallet answers it."""
    thief = Browser(world.origin)
    path = begin(thief, forum)
    status, verdict = world.present("ann", world.origin + path)
    check("the member was deceived", status == 0)
    check("the thief gets no further", thief.call(path + "/continue").location is None)
    check("nor knows whom he would be", not re.search(r"[a-z]{5}-[a-z]{5}-[a-z]{5}", thief.call(path).text))
    # The member's own browser has nothing to do with it, code or not.
    member = Browser(world.origin)
    begin(member, forum)
    page(member.call(path), 404)
    form = page(thief.call(path)).form("/code")
    check("not from another browser", member.post(form, {"code": verdict["code"]}).status == 404)
    # He guesses: five tries, and what is no code at all is none.
    for typed in ("", "ABC", "UUUU-UUUU", "12345678 9"):
        page(thief.post(form, {"code": typed}), 422)
    for left in (4, 3, 2, 1):
        wrong = thief.post(form, {"code": "0000-0000" if verdict["code"] != "0000-0000" else "1111-1111"})
        page(wrong, 422)
        check("counted", f"left: {left}" in wrong.text)
    check("the last", thief.post(form, {"code": "2222-2222"}).status == 303)
    check("over", thief.call(path + "/state").json == {"state": "failed"})
    thief.post(form, {"code": verdict["code"]})
    check("even with the right one", thief.call(path + "/continue").location is None)
    check("the forum hears that it was not to be", thief.call(path + "/return").returned["error"] == "access_denied")
    again = thief.post(page(thief.call(path)).form("/again"))
    check("begun anew it waits for another proof", thief.call(again.location + "/state").json == {"state": "waiting"})
    # Guesses at once from many sides count as well.
    status, verdict = world.present("ann", world.origin + again.location)
    form = page(thief.call(again.location)).form("/code")
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda number: thief.post(form, {"code": f"{number:04}-0000"}), range(20)))
    check("five count", sum("Tries left" in answer.text or answer.status == 303 for answer in answers) == 5)
    check("over too", thief.call(again.location + "/state").json == {"state": "failed"})
    # The usual way of answering, which the audience has from the next start on, says "accepted" to the wallet and nothing to the thief.
    world.stop()
    world.start()
    path = begin(thief, forum, prompt="login")
    offer = call(world.origin + path + "/wallet").json
    request = offer["tiers"][0]["request"]
    world.run("wallet", "present", "--wallet", "ann", "--service", world.origin, "--audience", offer["audience"], "--nonce", request["nonce"],
              "--smallest-set", "0")
    check("nothing happened", thief.call(path + "/state").json == {"state": "waiting"})
    fresh = call(world.origin + path + "/wallet").json["tiers"][0]["request"]
    check("and another request is open", fresh["nonce"] != request["nonce"])
    # Nor is another sign-in's address taken through another origin.
    status, verdict = world.present("ann", world.origin.replace("127.0.0.1", "localhost") + path)
    check("through another origin", status == 1 and verdict["code"] == "issuer-mismatch")


def logout(world, forum):
    """RP-initiated logout."""
    browser = Browser(world.origin)
    code, _ = sign_in(world, forum, "ann", browser)
    _, tokens, _ = forum.claims(forum.exchange(code))
    check("signed in", "code" in forum.returned(browser.call(forum.address(prompt="none"))))
    end = forum.discovery["end_session_endpoint"]
    back = "https://forum.example.org/bye"
    # Without a token it asks, and sends nobody to an address that is not registered.
    asked = browser.call(end + "?" + urllib.parse.urlencode({"client_id": forum.id, "post_logout_redirect_uri": back, "state": "s"}))
    form = page(asked).form("/openid/logout")
    page(browser.post((form[0], {**form[1], "form": "0" * 64})), 403)
    check("still signed in", "code" in forum.returned(browser.call(forum.address(prompt="none"))))
    gone = browser.call(end + "?" + urllib.parse.urlencode(
        {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": "https://evil.example.org/", "state": "s"}))
    check("not to evil", "evil" not in gone.text and "refresh" not in gone.headers)
    check("signed out", forum.returned(browser.call(forum.address(prompt="none")))["error"] == "login_required")
    code, _ = sign_in(world, forum, "ann", browser)
    gone = browser.call(end + "?" + urllib.parse.urlencode(
        {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": back, "state": "s"}))
    page(gone)
    check("back to the forum", gone.headers["refresh"] == f"0; url={back}?state=s")
    check("signed out again", forum.returned(browser.call(forum.address(prompt="none")))["error"] == "login_required")
    sign_in(world, forum, "ann", browser)
    asked = browser.call(end + "?" + urllib.parse.urlencode({"client_id": forum.id, "post_logout_redirect_uri": back}))
    gone = browser.post(page(asked).form("/openid/logout"))
    check("by the form", gone.status == 200 and not browser.cookies)
    check("all of it", forum.returned(browser.call(forum.address(prompt="none")))["error"] == "login_required")


def back_channel(world, found, tiers):
    """A logout at one forum is told to others of its audience, and to no one else (OpenID Connect Back-Channel Logout 1.0)."""
    heard, statuses = queue.Queue(), [307]

    class Ear(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            # The first try leads elsewhere, where nobody goes: it is told again.
            status = statuses.pop(0) if statuses else 200
            heard.put((self.path, self.headers["Content-Type"], dict(urllib.parse.parse_qsl(body, strict_parsing=True))))
            self.send_response(status)
            if status == 307:
                self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        ear = f"http://127.0.0.1:{server.server_port}"

        def add(name, audience, *more):
            return Client(
                world.forum(name, audience, "--redirect-uri", CALLBACK, "--backchannel-logout-uri", f"{ear}/{name}", *more), found)

        first, second, other = add("first", "forum", *tiers), add("second", "forum", *tiers), add("third", "other")
        check("published", found["backchannel_logout_supported"] is True and found["backchannel_logout_session_supported"] is False)
        browser = Browser(world.origin)
        tokens = {}
        for forum in (first, second, other):
            code, _ = sign_in(world, forum, "ann", browser)
            claims, tokens[forum.id], _ = forum.claims(forum.exchange(code))
            if forum is second:
                subject = claims["sub"]
        browser.call(found["end_session_endpoint"] + "?" + urllib.parse.urlencode({"id_token_hint": tokens[first.id]["id_token"]}))
        one, again = heard.get(timeout=30), heard.get(timeout=30)
        for path, kind, form in (one, again):
            check("told to the sister", path == "/second" and kind == "application/x-www-form-urlencoded" and set(form) == {"logout_token"})
            claims, _ = verified(form["logout_token"], call(found["jwks_uri"]).json["keys"], "RS256")
            check("its claims", set(claims) == {"iss", "aud", "iat", "exp", "jti", "sub", "events"})
            check("about her", claims["sub"] == subject and claims["aud"] == second.id and claims["iss"] == found["issuer"])
            check("its event", claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}})
            check("its life", 0 < claims["exp"] - claims["iat"] <= 120)
            check("its type", json.loads(decode(form["logout_token"].split(".")[0]))["typ"] == "logout+jwt")
        check("each its own", one[2] != again[2])
        check("signed out there", second.returned(browser.call(second.address(prompt="none")))["error"] == "login_required")
        check("not elsewhere", "code" in other.returned(browser.call(other.address(prompt="none"))))
        # Not by the first, which began it, nor by one that knows her by another name.
        sign_in(world, first, "ann", browser)
        asked = browser.call(found["end_session_endpoint"] + "?" + urllib.parse.urlencode({"client_id": first.id}))
        browser.post(page(asked).form("/openid/logout"))
        time.sleep(1)
        check("nobody else", heard.empty())
    finally:
        server.shutdown()
        for forum in (first, second, other):
            world.run("forum", "remove", "--data", "data", forum.id)


def restarts(world, forum, sub):
    """Killed at every stage of a sign-in, the service goes on where it was; keys are rotated meanwhile."""
    def killed():
        world.stop(kill=True)
        world.start()

    browser = Browser(world.origin)
    path = begin(browser, forum)
    killed()
    status, verdict = world.present("ann", world.origin + path)
    check("answered", status == 0)
    killed()
    check("the code holds", browser.post(page(browser.call(path)).form("/code"), {"code": verdict["code"]}).status == 303)
    killed()
    code = forum.returned(browser.call(path + "/continue"))["code"]
    killed()
    claims, tokens, key = forum.claims(forum.exchange(code))
    check("the same member", claims["sub"] == sub)
    killed()
    check("the token holds", forum.user_info(tokens["access_token"]).status == 200)
    check("the session holds", "code" in forum.returned(browser.call(forum.address(prompt="none"))))
    check("the code is used", forum.exchange(code).json == {"error": "invalid_grant"})
    world.run("forum", "rotate-keys", "--data", "data")
    killed()
    keys = call(forum.discovery["jwks_uri"]).json["keys"]
    check("the old keys stay", key in keys and len(keys) == 4)
    verified(tokens["id_token"], keys, forum.algorithm)
    later = forum.returned(browser.call(forum.address(prompt="none", id_token_hint=tokens["id_token"])))["code"]
    check("a new one signs", forum.claims(forum.exchange(later))[2]["kid"] != key["kid"])


def commands(world, forum):
    """What the operator says takes effect at once."""
    records = json.loads(world.run("forum", "list", "--data", "data", "--json"))
    check("listed", forum.id in [record["client-id"] for record in records] and forum.secret not in json.dumps(records))
    check("shown", json.loads(world.run("forum", "show", "--data", "data", forum.id))["name"] == "The Forum")
    for refused in (
        ["--redirect-uri", "http://forum.example.org/x"], ["--redirect-uri", "https://forum.example.org/#x"],
        ["--redirect-uri", "javascript:alert(1)"], ["--redirect-uri", "https://a@b/"],
        ["--redirect-uri", CALLBACK, "--tier", "x: votes <= 3"], ["--redirect-uri", CALLBACK, "--tier", "x: nothing >= 3"],
        ["--redirect-uri", CALLBACK, "--public", "--no-pkce"], ["--redirect-uri", CALLBACK, "--client-id", forum.id],
        ["--redirect-uri", CALLBACK, "--email-domain", "x"], ["--redirect-uri", CALLBACK, "--tier", "a", "--tier", "a"],
    ):
        done = world.attempt("forum", "add", "--data", "data", "--name", "X", "--audience", "forum", *refused)
        check(f"refused: {refused}", done.returncode == 2)
    browser = Browser(world.origin)
    code, _ = sign_in(world, forum, "bob", browser)
    old, forum.secret = forum.secret, json.loads(world.run("forum", "rotate-secret", "--data", "data", forum.id, "--json"))["client-secret"]
    new, forum.secret = forum.secret, old
    check("the old secret ends", forum.exchange(code).status == 401)
    forum.secret = new
    tokens = forum.exchange(code).json
    world.run("forum", "remove", "--data", "data", forum.id)
    check("its tokens end", forum.user_info(tokens["access_token"]).status == 401)
    page(browser.call(forum.address(prompt="none")), 400)
    check("gone", world.attempt("forum", "show", "--data", "data", forum.id).returncode == 2)


def main():
    with tempfile.TemporaryDirectory() as folder:
        world = Community(sys.argv[1], folder, {"ann": 30, "bob": 3})
        try:
            found = discovery(world)
            tiers = ["--tier", "member=members: votes >= 1", "--tier", "regular=regulars: votes >= 20"]
            callback = ["--redirect-uri", CALLBACK]
            forum = Client(world.forum("The Forum", "forum", *callback, *tiers, "--email-domain", "members.example.org", "--email-verified",
                                       "--logout-uri", "https://forum.example.org/bye"), found)
            sister = Client(world.forum("Sister", "forum", *callback, *tiers, "--algorithm", "ES256"), found)
            stranger = Client(world.forum("The Forum", "other", *callback), found)
            app = Client(world.forum("App", "forum", "--redirect-uri", "org.example.app:/callback?x=1", *tiers, "--public"), found)
            browser, claims, tokens = whole_path(world, forum)
            sub = claims["sub"]
            errors(world, forum, app)
            prompts(world, forum, browser, claims, tokens)
            exchanges(world, forum, sister, browser)
            public_client(world, app, sub)
            who_is_who(world, forum, sister, stranger, sub)
            cancel(world, forum)
            by_file(world, forum)
            relay(world, forum)
            logout(world, forum)
            back_channel(world, found, tiers)
            restarts(world, forum, sub)
            commands(world, forum)
            log = world.read("serve.log")
            check("requests are logged by their routes", "/sign-in/{handle}/wallet" in log or "/sign-in/:handle/wallet" in log)
            for secret in (sub, claims["preferred_username"], forum.id, tokens["access_token"], browser.cookies["symbolon"]):
                check("the log knows nobody", secret not in log)
        finally:
            world.stop()
    print(f"{count()} checks hold")


if __name__ == "__main__":
    main()

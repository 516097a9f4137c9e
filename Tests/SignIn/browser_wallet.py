"""What a wallet in a browser does with a sign-in, played by hand: the way to it and back by top-level navigations, and what a relay, a replay,
a guess and a stranger's page come to. Proofs are the command line's. Standard library only.

    python3 Tests/SignIn/browser_wallet.py PATH-OF-SYMBOLON
"""
import json
import re
import sys
import tempfile
import time
import urllib.parse

from basic_op import CALLBACK, Client, begin, discovery
from browser import Browser, Page, call
from checks import check, count, page
from community import Community
from tokens import decode, verified

WALLET = "http://localhost:9/wallet/"
PSEUDONYM = re.compile(r"[a-z]{5}-[a-z]{5}-[a-z]{5}")
# What browsers say of a link that was followed from another site.
VISIT = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "cross-site"}


def carry(browser, path, code, headers=VISIT):
    """The wallet leads its browser back, with the code."""
    return browser.call(f"{path}/code?" + urllib.parse.urlencode({"code": code}), headers=headers)


def answered(world, forum, member="ann", browser=None):
    """A sign-in that a wallet has answered: the browser in which it began, its path, the code."""
    browser = browser or Browser(world.origin)
    path = begin(browser, forum, prompt="login")
    status, verdict = world.present(member, world.origin + path)
    check(f"the wallet is believed: {verdict}", status == 0)
    return browser, path, verdict["code"]


def wrong(code, number=0):
    return next(text for text in (f"{number:04}-0000", f"{number:04}-1111") if text != code)


def way(world, forum):
    """To the wallet and back."""
    browser = Browser(world.origin)
    path = begin(browser, forum)
    shown = browser.call(path)
    links = page(shown).links
    address = world.origin + path
    check("the wallet comes first", links[0] == f"{WALLET}#sign-in=" + urllib.parse.quote(address, safe=""))
    check("and then a wallet of one's own", links[1] == "web+symbolon:sign-in=" + urllib.parse.quote(address, safe=""))
    check("its host is told nothing", shown.headers["referrer-policy"] == "same-origin" and shown.text.count('referrerpolicy="no-referrer"') == 2)
    check("nobody else loads it", shown.headers["cross-origin-resource-policy"] == "same-origin")
    check("no code is asked for yet", not any(form[0].endswith("/code") for form in Page(shown.text).forms))
    status, verdict = world.present("ann", address)
    check("answered", status == 0 and re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", verdict["code"]))
    back = carry(browser, path, verdict["code"])
    check("away from the code's address", back.status == 303 and back.location == path and back.headers["referrer-policy"] == "no-referrer")
    accepted = browser.call(path)
    check("on by a link", f"{path}/continue" in page(accepted).links and PSEUDONYM.search(accepted.text))
    # Going back and loading again change nothing.
    check("once more", carry(browser, path, verdict["code"]).location == path and browser.call(path).text == accepted.text)
    code = forum.returned(browser.call(path + "/continue"))["code"]
    claims, _, _ = forum.claims(forum.exchange(code))
    check("the pseudonym that was shown", claims["preferred_username"] == PSEUDONYM.search(accepted.text).group())
    carry(browser, path, verdict["code"])
    check("used", "used already" in browser.call(path).text)
    check("and it stays so", browser.call(path + "/continue").location is None)
    # From the address bar, and from a browser that does not say how it came.
    for headers in ({"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"}, {}):
        browser, path, code = answered(world, forum)
        carry(browser, path, code, headers)
        check("as well", browser.call(path + "/state").json == {"state": "accepted"})


def relay(world, forum):
    """Somebody shows his own sign-in to a member, whose wallet answers it and carries the code: in the member's browser it opens nothing."""
    thief, path, code = answered(world, forum)
    member = Browser(world.origin)
    for stranger in (Browser(world.origin), member):
        for tried in [code] + [wrong(code, number) for number in range(6)]:
            away = carry(stranger, path, tried)
            check("the code does not stay in the address", away.status == 303 and away.location == path)
            shown = stranger.call(away.location)
            page(shown, 404)
            check("nothing of whom it is about", not PSEUDONYM.search(shown.text) and code not in shown.text)
        begin(member, forum, prompt="login")
    check("no try is used up", thief.call(path + "/state").json == {"state": "proved"} and "left" not in thief.call(path).text)
    check("the thief is no further", thief.call(path + "/continue").location is None)
    # A page of his that loads the address in the member's browser, or in his own, does nothing either.
    for headers in (
        {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
        {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, {**VISIT, "Sec-Purpose": "prefetch;prerender"},
    ):
        page(carry(thief, path, code, headers), 403)
    check("it still waits", thief.call(path + "/state").json == {"state": "proved"})
    page(thief.call(f"/sign-in/x/code?code={code}", headers=VISIT), 404)
    check("only GET and the form", thief.call(f"{path}/code?code={code}", "PUT").status == 404)
    # The code of one sign-in is none of another's.
    other, second, _ = answered(world, forum)
    carry(other, second, code)
    check("another's code", other.call(second + "/state").json == {"state": "proved"} and "left: 4" in other.call(second).text)


def guesses(world, forum):
    """What is no code costs nothing; a wrong one costs a try, once, however often its page is loaded again."""
    browser, path, code = answered(world, forum)
    for query in ("", "?code=", "?code=ABC", "?code=UUUU-UUUU", "?other=1"):
        page(browser.call(f"{path}/code{query}", headers=VISIT), 422)
    for query in ("?code=%zz", f"?code={code}&code={code}", "?" + "&".join(f"p{number}=1" for number in range(100))):
        page(browser.call(f"{path}/code{query}", headers=VISIT), 403)
    check("none is used up", "left" not in browser.call(path).text)
    for left in (4, 3, 2, 1):
        answer = carry(browser, path, wrong(code, left))
        check("away", answer.status == 303 and answer.location == path)
        for _ in range(2):
            shown = browser.call(path)
            page(shown)
            check("counted once", f"left: {left}" in shown.text and 'role="alert"' in shown.text)
    form = page(browser.call(path)).form("/code")
    check("typed and carried codes are counted together", browser.post(form, {"code": wrong(code, 9)}).status == 303)
    check("over", browser.call(path + "/state").json == {"state": "failed"})
    carry(browser, path, code)
    check("the right one is too late", browser.call(path + "/state").json == {"state": "failed"})
    again = browser.post(page(browser.call(path)).form("/again")).location
    carry(browser, again, code)
    check("and is none of the next", browser.call(again + "/state").json == {"state": "waiting"})
    page(carry(browser, again, code), 422)


def cancelled(world, forum):
    """The member cancels in the wallet, which leads back, or here; then it goes better."""
    browser, path, code = answered(world, forum)
    browser.post(page(browser.call(path)).form("/cancel"))
    carry(browser, path, code)
    check("cancelled is cancelled", browser.call(path + "/state").json == {"state": "cancelled"})
    again = browser.post(page(browser.call(path)).form("/again")).location
    check("what was before is gone", carry(browser, path, code).location == path and browser.call(path).status == 404)
    status, verdict = world.present("ann", world.origin + again)
    carry(browser, again, verdict["code"])
    check("and a sign-in", "code" in forum.returned(browser.call(again + "/continue")))


def record(world, forum, found):
    """What the service says of the forum, signed, and whom the wallet believes."""
    path = begin(Browser(world.origin), forum)
    offer = call(f"{world.origin}{path}/wallet").json
    token = offer["record"]
    head = json.loads(decode(token.split(".")[0]))
    check("a type of its own", head["typ"] == "symbolon-client+jwt" and head["alg"] == "ES256")
    claims, _ = verified(token, call(found["jwks_uri"]).json["keys"], "ES256")
    check("its claims", set(claims) == {"iss", "sub", "name", "audience", "origins", "iat", "exp"})
    check("the same as the offer's", claims["iss"] == offer["issuer"] == world.origin and claims["name"] == offer["forum"])
    check("the audience too", claims["audience"] == offer["audience"] and claims["sub"] == forum.id)
    check("where members are sent", claims["origins"] == ["https://forum.example.org", "http://localhost:8000", "org.example.app:"])
    check("as long as the sign-in", 0 < claims["exp"] - claims["iat"] <= 600 and abs(claims["iat"] - time.time()) < 60)
    check("a token of one kind is none of another", call(
        found["userinfo_endpoint"], headers={"Authorization": "Bearer " + token}).status == 401)
    done = world.attempt("wallet", "present", "--wallet", "ann", "--url", world.origin + path, "--smallest-set", "0")
    check("the command line says who asks", "https://forum.example.org, http://localhost:8000, org.example.app:" in done.stderr)


def openness(world, forum, browser_path):
    """Pages of every origin may read what is public, and nothing else."""
    page_origin = {"Origin": "https://wallet.example.net"}
    asks = {**page_origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    browser, path = browser_path
    for address, method in ((f"{path}/wallet", "GET, POST"), ("/openid/keys", "GET"), ("/.well-known/openid-configuration", "GET")):
        answer = call(world.origin + address, headers=page_origin)
        check(f"read {address}", answer.status == 200 and answer.headers["access-control-allow-origin"] == "*")
        check("without cookies", "access-control-allow-credentials" not in answer.headers and "set-cookie" not in answer.headers)
        preflight = call(world.origin + address, "OPTIONS", headers=asks)
        check("asked before", preflight.status == 204 and preflight.headers["access-control-allow-methods"] == method)
        check("JSON", preflight.headers["access-control-allow-headers"] == "content-type" and int(preflight.headers["access-control-max-age"]) > 0)
    refused = call(world.origin + f"{path}/wallet", "POST", b"{", {**page_origin, "Content-Type": "application/json"})
    check("refusals are read too", refused.status == 400 and refused.json["code"] == "json-malformed")
    check("by pages", refused.headers["access-control-allow-origin"] == "*")
    for address in (path, path + "/state", path + "/code?code=0000-0000", path + "/continue", "/openid/authorize", "/openid/token",
                    "/openid/userinfo", "/openid/logout", f"{path}/wallet/", "/sign-in/wallet", f"{path}/x/wallet"):
        answer = browser.call(address, headers=page_origin)
        public = address.rstrip("/").endswith(path + "/wallet")
        check(f"not {address}", public == ("access-control-allow-origin" in answer.headers))
        preflight = call(world.origin + address, "OPTIONS", headers=asks)
        check("nor asked before", public == ("access-control-allow-origin" in preflight.headers))


def without_issuer(world, found, tiers):
    """A forum that cannot bear `iss`."""
    forum = Client(world.forum("Bare", "bare", "--redirect-uri", CALLBACK, "--no-iss", *tiers), found)
    check("the record says so", not forum.is_told_issuer)
    browser, path, code = answered(world, forum)
    carry(browser, path, code)
    claims, _, _ = forum.claims(forum.exchange(forum.returned(browser.call(path + "/continue"))["code"]))
    check("the token still says it", claims["iss"] == world.origin)
    browser = Browser(world.origin)
    check("an error", forum.returned(browser.call(forum.address(prompt="none")))["error"] == "login_required")
    check("a malformed request", forum.returned(browser.call(forum.address(scope="x")))["error"] == "invalid_scope")
    path = begin(browser, forum)
    browser.post(page(browser.call(path)).form("/cancel"))
    check("a denial", forum.returned(browser.call(path + "/return"))["error"] == "access_denied")
    done = world.attempt("forum", "add", "--data", "data", "--name", "D", "--audience", "d", "--discourse", "--no-iss", "--return-url",
                         "https://d.example.org/session/sso_login", "--email-domain", "d.example.org")
    check("Discourse has none", done.returncode == 2)


def main():
    with tempfile.TemporaryDirectory() as folder:
        world = Community(sys.argv[1], folder, {"ann": 30, "bob": 3}, serve=["--wallet", WALLET])
        try:
            found = discovery(world)
            tiers = ["--tier", "member=members: votes >= 1", "--tier", "regular=regulars: votes >= 20"]
            forum = Client(
                world.forum("The Forum", "forum", "--redirect-uri", CALLBACK, "--redirect-uri", "https://forum.example.org/other",
                            "--redirect-uri", "http://localhost:8000/x", "--redirect-uri", "org.example.app:/callback", *tiers), found)
            way(world, forum)
            relay(world, forum)
            guesses(world, forum)
            cancelled(world, forum)
            record(world, forum, found)
            browser = Browser(world.origin)
            openness(world, forum, (browser, begin(browser, forum)))
            without_issuer(world, found, tiers)
            log = world.read("serve.log")
            check("carried codes are not logged", "code=" not in log and "/sign-in/" in log)
        finally:
            world.stop()
    print(f"{count()} checks hold")


if __name__ == "__main__":
    main()

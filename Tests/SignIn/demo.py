"""Goes the way of a newcomer through `symbolon demo --keep`, with a plain HTTP client for a browser and the command line for a wallet; then what a
hostile visitor of its forum gets, and that it ends and leaves nothing. Standard library only.

    python3 Tests/SignIn/demo.py PATH-OF-SYMBOLON
"""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

from browser import Browser, Page, call
import checks
from checks import check, count

# Every second one casts enough votes; half of these are given away.
MEMBERS, GIVEN = 60, 15
VISIT = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "cross-site"}


def page(answer, status=200):
    """One of the service's pages, or of the forum's, whose form for signing out leads on to the service."""
    leads = re.search(r"form-action ([^;]+)", answer.headers.get("content-security-policy", ""))
    return checks.page(answer, status, leads[1] if leads and re.fullmatch(r"'self' http://localhost:\d+", leads[1]) else "'self'")


class Demo:
    def __init__(self, symbolon, folder):
        self.symbolon, self.folder, self.claimed = os.path.abspath(symbolon), folder, MEMBERS - GIVEN
        os.makedirs(f"{folder}/wallet")
        os.makedirs(f"{folder}/tmp")
        with open(f"{folder}/wallet/index.html", "w") as file:
            file.write("<!doctype html><title>Wallet</title>")
        with open(f"{folder}/table.csv", "w") as file:
            # Half of them cast enough votes for everything.
            file.write("participant,comments,votes,group\n" + "".join(f"{n},{n % 5},{n % 2 * 30 + 1},\n" for n in range(MEMBERS)))
        self.environment = {**os.environ, "SYMBOLON_PASSPHRASE": "correct horse", "XDG_STATE_HOME": f"{folder}/state", "TMPDIR": f"{folder}/tmp"}

    def start(self):
        return subprocess.Popen([self.symbolon, "demo", "--keep", "--wallet-files", "wallet", "--csv", "table.csv"], cwd=self.folder,
                                env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *arguments):
        done = subprocess.run([self.symbolon, *arguments], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True)
        return done.returncode, done.stdout + done.stderr

    def left(self):
        return os.listdir(f"{self.folder}/tmp")


def newcomer(demo, origin, wallet):
    """From the forum's front page to a message under a pseudonym."""
    visitor = Browser(origin)
    front = page(visitor.call("/"))
    check("no link before it is asked for", "#claim=" not in visitor.call("/").text)
    check("given", visitor.post(front.form("/credential")).location == "/")
    shown = visitor.call("/").text
    link = next(address for address in Page(shown).links if "#claim=" in address)
    check("the same at every look", link in Page(visitor.call("/").text).links)
    check("and when asked again", visitor.post(front.form("/credential")).status == 303 and link in Page(visitor.call("/").text).links)
    address, _, fragment = link.partition("#")
    check("the wallet is there", call(address).status == 200 and call(address).body.startswith(b"<!doctype html>"))
    given = dict(urllib.parse.parse_qsl(fragment, strict_parsing=True))
    check("said what it is", re.search(r"somebody who cast 31 votes and wrote \d comments", shown))
    with open(f"{demo.folder}/{wallet}.code", "w") as file:
        file.write(given["claim"] + "\n")
    check("a wallet", demo.run("wallet", "init", "--wallet", wallet)[0] == 0)
    claimed = demo.run("wallet", "claim", "--wallet", wallet, "--service", given["service"], "--community", given["community"], "--code-file",
                       f"{wallet}.code")
    check(f"claimed: {claimed}", claimed[0] == 0)
    # The crowd, and those who were given one so far.
    demo.claimed += 1
    deadline = time.time() + 60
    while call(given["service"] + "/v1/community").json["leaves"] < demo.claimed:
        check("the leaf enters the tree at once", time.time() < deadline)
        time.sleep(0.1)
    provider = Browser(given["service"])
    name = sign_in(demo, visitor, provider, wallet, tier="regular")
    front = page(visitor.call("/"))
    check("known by the pseudonym", f'<strong id="name">{name}</strong> (members, regulars)' in visitor.call("/").text)
    visitor.post(front.form("/messages"), {"text": f"<script>alert('{wallet}')</script>\r\nand & more"})
    board = call(origin + "/").text
    check("everybody reads it, as text", f"&lt;script&gt;alert(&#39;{wallet}&#39;)&lt;/script&gt;\nand &amp; more" in board and "<script" not in board)
    check("under the pseudonym", f"<h3>{name} " in board)
    return visitor, provider, name


def sign_in(demo, visitor, provider, wallet, tier=None):
    asked = visitor.call("/sign-in")
    check("to the service", asked.status == 303 and asked.location.startswith(provider.origin + "/openid/authorize?"))
    request = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(asked.location).query))
    check("as a careful client asks", request["code_challenge_method"] == "S256" and len(request["state"]) == len(request["nonce"]) == 43)
    begun = provider.call(asked.location)
    if not begun.location.startswith(visitor.origin):
        path = begun.location
        links = page(provider.call(path)).links
        check("to the wallet of the demo", "#sign-in=" in links[0] and links[0].startswith("http://localhost:"))
        # Nobody has to be told that a small crowd is well: the crowd is there.
        done = demo.run("wallet", "present", "--wallet", wallet, "--url", provider.origin + path, *(["--tier", tier] if tier else []))
        check(f"answered: {done}", done[0] == 0 and f"The Board ({visitor.origin})" in done[1])
        code = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", done[1]).group()
        check("carried", provider.call(f"{path}/code?code={code}", headers=VISIT).location == path)
        page(provider.call(path))
        begun = provider.call(path + "/continue")
    check("back to the forum", begun.location.startswith(visitor.origin + "/callback?"))
    visitor.came_back = begun.location
    before = dict(visitor.cookies)
    back = visitor.call(begun.location)
    check("signed in, with another cookie", back.status == 303 and back.location == "/" and visitor.cookies != before)
    return re.search(r'<strong id="name">([a-z-]+)</strong>', visitor.call("/").text).group(1)


def hostile(origin, visitor, provider):
    """What nobody may do at the forum."""
    front = Page(visitor.call("/").text)
    form = front.form("/messages")
    page(visitor.post(form, {"text": "x"}, {"Origin": provider.origin}), 403)
    page(visitor.post(form, {"text": "x"}, {"Sec-Fetch-Site": "cross-site"}), 403)
    page(visitor.post((form[0], {"form": "0" * 64}), {"text": "x"}), 403)
    page(Browser(origin).post(form, {"text": "x"}), 403)
    stranger = Browser(origin)
    own = page(stranger.call("/")).form("/credential")
    page(stranger.post(("/messages", own[1]), {"text": "x"}), 403)
    for text in ("", " \r\n ", "x" * 501, "\x00"):
        page(visitor.post(form, {"text": text}), 422)
    check("nothing of it", call(origin + "/").text.count("<article>") == 1)
    # An answer counts once, and in the browser that asked.
    page(visitor.call(visitor.came_back), 400)
    page(Browser(origin).call(visitor.came_back), 400)
    stranger.call("/sign-in")
    page(stranger.call(visitor.came_back), 400)
    for query in ("", "?code=x", "?error=access_denied", "?state=x&code=y&iss=" + provider.origin, "?state=a&state=b", "?%zz"):
        stranger.call("/sign-in")
        page(stranger.call("/callback" + query), 400)
    asked = stranger.call("/sign-in").location
    state = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(asked).query))["state"]
    page(stranger.call(f"/callback?code=x&state={state}&iss=https://evil.example.org"), 400)
    asked = stranger.call("/sign-in").location
    state = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(asked).query))["state"]
    page(stranger.call(f"/callback?code=x&state={state}&iss={provider.origin}"), 403)
    # Who cancels comes back, and is told so.
    provider_page = Browser(provider.origin)
    asked = stranger.call("/sign-in").location
    path = provider_page.call(asked).location
    provider_page.post(page(provider_page.call(path)).form("/cancel"))
    answer = stranger.call(provider_page.call(path + "/return").location)
    page(answer, 403)
    check("access_denied", "access_denied" in answer.text)


def leave(demo, visitor, provider, wallet, name):
    """Signing out, and being the same again."""
    check("the proof still counts", sign_in(demo, visitor, provider, wallet) == name)
    out = visitor.post(page(visitor.call("/")).form("/sign-out"))
    check("at the service too", out.location.startswith(provider.origin + "/openid/logout?"))
    gone = provider.call(out.location)
    check("and back", gone.headers["refresh"] == f"0; url={visitor.origin}/")
    check("signed out", 'id="name"' not in visitor.call("/").text)
    check("the same once more", sign_in(demo, visitor, provider, wallet) == name)


def main():
    with tempfile.TemporaryDirectory() as folder:
        demo = Demo(sys.argv[1], folder)
        process = demo.start()
        try:
            line = process.stdout.readline().strip()
            check(f"the link: {line}", re.fullmatch(r"http://localhost:\d+/", line))
            origin = line.rstrip("/")
            visitor, provider, name = newcomer(demo, origin, "ann")
            hostile(origin, visitor, provider)
            leave(demo, visitor, provider, "ann", name)
            _, _, other = newcomer(demo, origin, "bob")
            check("another is another", other != name)
            check("its data is in one folder", len(demo.left()) == 1)
        finally:
            process.send_signal(signal.SIGINT)
            rest, said = process.communicate(timeout=60)
        check(f"it ends as it should: {said}", process.returncode == 0)
        check("the link is the last line", rest == "")
        check("nothing is left", demo.left() == [])
        # Before it is ready too.
        process = demo.start()
        while "claim" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        rest, said = process.communicate(timeout=60)
        check(f"ended early: {rest} {said}", process.returncode == 0 and rest == "" and demo.left() == [])
    print(f"{count()} checks hold")


if __name__ == "__main__":
    main()

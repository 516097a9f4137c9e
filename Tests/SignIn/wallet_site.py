"""The wallet's files as `symbolon serve --wallet-files` serves them: headers, caches, compression, and nothing that is not a file of the wallet; and
claim links. Standard library only.

    python3 Tests/SignIn/wallet_site.py PATH-OF-SYMBOLON
"""
import csv
import gzip
import hashlib
import io
import json
import os
import re
import stat
import sys
import tempfile
import urllib.parse

from basic_op import CALLBACK, Client, begin, discovery
from browser import Browser, Page, call
from checks import check, count, page
from community import Community, free_port

PAGE = b"<!doctype html><title>Wallet</title>" + b" " * 2000
SCRIPT = b"export {};\n" * 500
MODULE = b"\0asm\1\0\0\0"


def build(folder):
    """What a built wallet looks like."""
    os.makedirs(f"{folder}/icons")
    name = f"page.{hashlib.sha256(SCRIPT).hexdigest()[:16]}.js"
    for path, content in (("index.html", PAGE), (name, SCRIPT), ("core.wasm", MODULE), ("manifest.webmanifest", b"{}"), ("icons/i.svg", b"<svg/>"),
                          ("page.0123456789abcdef.js", SCRIPT)):
        with open(f"{folder}/{path}", "wb") as file:
            file.write(content)
    for path in ("index.html", name):
        with open(f"{folder}/{path}", "rb") as plain, gzip.open(f"{folder}/{path}.gz", "wb") as packed:
            packed.write(plain.read())
    return name


def headers_hold(answer):
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    check("nothing but its own", policy["default-src"] == "'none'" and policy["script-src"] == "'self' 'wasm-unsafe-eval'" and policy["style-src"] == "'self'")
    check("in no frame, with no forms", policy["frame-ancestors"] == policy["form-action"] == policy["base-uri"] == "'none'")
    check("workers", policy["worker-src"] == "'self' blob:")
    for name, value in (("cross-origin-opener-policy", "same-origin"), ("cross-origin-embedder-policy", "require-corp"),
                        ("cross-origin-resource-policy", "same-origin"), ("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer")):
        check(f"{name}", answer.headers.get(name) == value)
    check("nobody else reads it, nothing is remembered", "access-control-allow-origin" not in answer.headers and "set-cookie" not in answer.headers)


def files(world, origin, name):
    for path, content, kind, caching in (
        ("/", PAGE, "text/html; charset=utf-8", "no-cache"), ("/index.html", PAGE, "text/html; charset=utf-8", "no-cache"),
        (f"/{name}", SCRIPT, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        # A name that only looks like a hash may change.
        ("/page.0123456789abcdef.js", SCRIPT, "text/javascript; charset=utf-8", "no-cache"),
        ("/core.wasm", MODULE, "application/wasm", "no-cache"), ("/manifest.webmanifest", b"{}", "application/manifest+json", "no-cache"),
        ("/icons/i.svg", b"<svg/>", "image/svg+xml", "no-cache"),
    ):
        answer = call(origin + path)
        check(f"{path}: {answer.status}", answer.status == 200 and answer.body == content and answer.headers["content-type"] == kind)
        check("caching", answer.headers["cache-control"] == caching)
        headers_hold(answer)
        tag = answer.headers["etag"]
        again = call(origin + path, headers={"If-None-Match": f'"other", {tag}'})
        check("not sent twice", again.status == 304 and not again.body and again.headers["etag"] == tag)
        check("but when it changed", call(origin + path, headers={"If-None-Match": '"other"'}).status == 200)
        head = call(origin + path, "HEAD")
        check("HEAD", head.status == 200 and not head.body and head.headers["content-length"] == str(len(content)))
        headers_hold(head)
    for accepted, is_packed in (
        ("gzip", True), ("br, gzip;q=0.5", True), ("GZIP", True), ("gzip;q=0", False), ("br", False), ("", False), ("gzipped", False), ("gzip;q=x", False),
    ):
        answer = call(f"{origin}/{name}", headers={"Accept-Encoding": accepted})
        check(f"{accepted}", (answer.headers.get("content-encoding") == "gzip") == is_packed and answer.headers["vary"] == "Accept-Encoding")
        check("the same", (gzip.decompress(answer.body) if is_packed else answer.body) == SCRIPT)
    check("not compressed", "content-encoding" not in call(f"{origin}/core.wasm", headers={"Accept-Encoding": "gzip"}).headers)
    secret = world.read("secret.txt")
    for path in ("/x", "/page", "/icons", "/icons/", f"/{name}.gz", "/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/icons/../../secret.txt",
                 "//index.html", "/index.html/", "/./index.html", "/%69ndex.html", "/index.html%00", "/secret.txt", "/v1/community", "/health", "/console"):
        answer = call(origin + path)
        check(f"nothing at {path}", answer.status == 404 and secret.encode() not in answer.body)
        headers_hold(answer)
    check("nothing is taken", call(origin + "/", "POST", b"x").status == 404)
    # What is put there later is not there.
    world.write("wallet/late.js", "late")
    world.write("wallet/index.html", "changed")
    check("late", call(origin + "/late.js").status == 404 and call(origin + "/").body == PAGE)
    check("the service has none of it", call(world.origin + "/index.html").status == 404 and call(world.origin + f"/{name}").status == 404)
    log = world.read("serve.log")
    check("which files are asked for is not logged", name not in log and "late.js" not in log)


def link(world, origin):
    """The page of a sign-in leads there."""
    forum = Client(world.forum("The Forum", "forum", "--redirect-uri", CALLBACK), discovery(world))
    browser = Browser(world.origin)
    path = begin(browser, forum)
    check("to the wallet", page(browser.call(path)).links[0].startswith(f"{origin}/#sign-in="))


def settings(world, port):
    def checked(*more):
        done = world.attempt("serve", "--data", "data", "--port", "0", "--issuer", "https://id.example.org", "--check", "--json", *more)
        return done.returncode, {found["subject"]: found["verdict"] for found in json.loads(done.stdout)["findings"]} if done.stdout else done.stderr

    status, found = checked("--wallet-files", "wallet", "--wallet-port", str(free_port()), "--wallet-origin", "https://wallet.example.org")
    check(f"fine: {found}", status == 0 and found["wallet.files"] == found["wallet"] == found["wallet.port"] == "fine")
    check("in use", checked("--wallet-files", "wallet", "--wallet-port", str(port))[1]["wallet.port"] == "warning")
    world.write("not-a-wallet.txt", "x")
    os.makedirs(world.path("empty"), exist_ok=True)
    for folder in ("nowhere", "empty", "not-a-wallet.txt"):
        status, found = checked("--wallet-files", folder, "--wallet-port", "4000")
        check("no wallet", status == 1 and found["wallet.files"] == "wrong")
    check("another's", checked("--wallet", "https://wallet.example.net/app")[1]["wallet"] == "fine")
    for wrong in (["--wallet-files", "wallet"], ["--wallet-port", "4000"], ["--wallet-files", "wallet", "--wallet-port", "0"],
                  ["--wallet-origin", "https://wallet.example.org"], ["--wallet", "http://wallet.example.org"], ["--wallet", "https://w/#x"],
                  ["--wallet-files", "wallet", "--wallet-port", "4000", "--wallet-origin", "https://id.example.org"],
                  ["--wallet-files", "wallet", "--wallet-port", "4000", "--wallet-origin", "https://w/x"],
                  ["--host", "0.0.0.0", "--wallet-files", "wallet", "--wallet-port", "4000"]):
        check(f"{wrong}", checked(*wrong)[0] == 2)


def claim_links(world):
    """Codes as links, and as QR codes."""
    world.write("more.csv", 'person,votes\n"O\'Hara, ""Bo""",5\n../../etc,6\n' + "".join(f"p{number},1\n" for number in range(9)))
    more = ["community", "import", "--data", "data", "--csv", "more.csv", "--person-column", "person", "--codes", "more-codes.csv"]
    for wrong in (["--links", "https://wallet.example.org"], ["--service", "https://id.example.org"], ["--qr", "qr"],
                  ["--links", "http://wallet.example.org", "--service", "https://id.example.org"],
                  ["--links", "https://wallet.example.org", "--service", "https://id.example.org/x"],
                  ["--links", "https://" + "w" * 1500, "--service", "https://id.example.org", "--qr", "qr"],
                  ["--links", "https://wallet.example.org", "--service", "https://id.example.org", "--qr", "wallet"]):
        check(f"{wrong}", world.attempt(*more, *wrong).returncode == 2 and not os.path.exists(world.path("more-codes.csv")))
    done = world.run(*more, "--links", "https://wallet.example.org/app", "--service", "https://id.example.org:8443", "--qr", "qr")
    rows = list(csv.DictReader(io.StringIO(world.read("more-codes.csv"))))
    check("all of them", [row["person"] for row in rows] == ['O\'Hara, "Bo"', "../../etc"] + [f"p{number}" for number in range(9)])
    for number, row in enumerate(rows):
        address, _, fragment = row["link"].partition("#")
        given = dict(urllib.parse.parse_qsl(fragment, strict_parsing=True))
        check("the wallet", address == "https://wallet.example.org/app/")
        check("what it is to do", given == {"claim": row["code"], "service": "https://id.example.org:8443", "community": world.id})
        check("by number", row["qr"] == f"{number + 1:02}.svg")
        drawn = world.read(f"qr/{row['qr']}")
        check("a picture, and no more", re.fullmatch(r'<svg xmlns="http://www\.w3\.org/2000/svg" [^<>]*><path [^<>]*/><path [^<>]*/></svg>\n', drawn))
        check("secret", stat.S_IMODE(os.stat(world.path(f"qr/{row['qr']}")).st_mode) == 0o600)
        check("not told", row["code"] not in done)
    check("secret too", stat.S_IMODE(os.stat(world.path("qr")).st_mode) == 0o700 and stat.S_IMODE(os.stat(world.path("more-codes.csv")).st_mode) == 0o600)
    check("each its own", len({world.read(f"qr/{row['qr']}") for row in rows}) == len(rows))
    world.write("one.code", rows[0]["code"] + "\n")
    world.run("wallet", "init", "--wallet", "bo")
    world.run("wallet", "claim", "--wallet", "bo", "--service", world.origin, "--community", world.id, "--code-file", "one.code")


def top_up_links(world):
    """The same for codes that add to a credential."""
    world.write("november.csv", "person,votes\nann,5\np1,0\np2,7\n")
    more = ["community", "top-up", "--data", "data", "--csv", "november.csv", "--person-column", "person", "--label", "2026-11", "--codes", "november-codes.csv"]
    check("half of it", world.attempt(*more, "--links", "https://wallet.example.org").returncode == 2 and not os.path.exists(world.path("november-codes.csv")))
    world.run(*more, "--links", "https://wallet.example.org", "--service", "https://id.example.org", "--qr", "november")
    rows = list(csv.DictReader(io.StringIO(world.read("november-codes.csv"))))
    check("who gets something", [row["person"] for row in rows] == ["ann", "p2"])
    for row in rows:
        address, _, fragment = row["link"].partition("#")
        given = dict(urllib.parse.parse_qsl(fragment, strict_parsing=True))
        check("what it is to do", given == {"top-up": row["code"], "service": "https://id.example.org", "community": world.id})
        check("the wallet", address == "https://wallet.example.org/" and os.path.exists(world.path(f"november/{row['qr']}")))


def main():
    with tempfile.TemporaryDirectory() as folder:
        name, port = build(f"{folder}/wallet"), free_port()
        with open(f"{folder}/secret.txt", "w") as file:
            file.write("not for anybody")
        world = Community(sys.argv[1], folder, {"ann": 30}, serve=["--wallet-files", "wallet", "--wallet-port", str(port)])
        try:
            origin = f"http://localhost:{port}"
            files(world, origin, name)
            link(world, origin)
            settings(world, port)
            claim_links(world)
            top_up_links(world)
        finally:
            world.stop()
        check("it ended as it was told", world.server.returncode == 0)
    print(f"{count()} checks hold")


if __name__ == "__main__":
    main()

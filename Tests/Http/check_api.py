"""Holds the service against its description, `/openapi.json`: the codes of refusals are those of the sources, in the description and in
docs/http.md; the description is valid; and whatever is asked of a running service with a seeded community is answered as described, and never
by a failure.

    python3 Tests/Http/check_api.py PATH-OF-SYMBOLON

Installs what it needs (pinned) from PyPI into .build once.
"""
import base64
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "SignIn"))
sys.path.insert(0, str(HERE))

from browser import Browser, call
from checks import check, count
from codes import of_sources
from community import Community

PACKAGES = ["schemathesis==4.32.5", "openapi-spec-validator==0.9.0"]
EXAMPLES, SEED = 12, 1


def tools():
    """The folder of the installed programs."""
    environment = ROOT / ".build" / "check-api"
    mark = environment / "installed"
    if not mark.exists() or mark.read_text() != "\n".join(PACKAGES):
        subprocess.run([sys.executable, "-m", "venv", "--clear", environment], check=True)
        subprocess.run([environment / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES], check=True)
        mark.write_text("\n".join(PACKAGES))
    return environment / "bin"


def codes():
    sources = of_sources(ROOT)
    check("there are codes", len(sources) > 100)
    table = (ROOT / "docs" / "http.md").read_text().split("\n## Refusals\n")[1]
    documented = set(re.findall(r"`([a-z0-9-]+)`", "\n".join(line for line in table.splitlines() if line.startswith("| ") and not line.startswith("| status"))))
    check(f"docs/http.md has all codes: {sorted(sources ^ documented)}", sources == documented)
    description = json.loads((ROOT / "Sources" / "APIDescription" / "openapi.json").read_text())
    described = set(description["components"]["schemas"]["Problem"]["properties"]["code"]["enum"])
    check(f"the description has all codes: {sorted(sources ^ described)}", sources == described)
    addresses = (ROOT / "Sources" / "Console" / "Console+Addresses.swift").read_text()
    served = {(method, re.sub(r":\w+", "{}", path)) for method, path in re.findall(r'group\.(get|post|delete)\(\s*"([^"]+)"', addresses)}
    prefix = "/v1/operator/"
    told = {(method, re.sub(r"{\w+}", "{}", path.removeprefix(prefix))) for path, item in description["paths"].items() if path.startswith(prefix)
            for method in item}
    check(f"the description has all addresses of operators: {sorted(served ^ told)}", served == told and len(served) > 10)
    return description


def seeded(world):
    """A community with what there can be: audiences, requests in every state, sign-ins, a Discourse forum."""
    callback = "https://forum.example.org/callback"
    forum = json.loads(world.run("forum", "add", "--data", "data", "--name", "Forum", "--audience", "forum", "--json", "--redirect-uri", callback,
                                 "--no-pkce", "--no-nonce"))
    discourse = json.loads(world.run("forum", "add", "--data", "data", "--name", "Discourse", "--audience", "forum", "--json", "--discourse",
                                     "--return-url", callback, "--email-domain", "members.example.org"))
    world.stop()
    world.start()
    audience = forum["audience"]
    token = world.read("data/audiences/forum.token").strip()
    headers = {"Authorization": f"Bearer {token}"}
    requests = f"{world.origin}/v1/audiences/{audience}/requests"
    nonces = [call(requests, "POST", json.dumps({"purposes": [{"purpose": "sign-in"}], "lifetime": 3600}), headers).json["nonce"] for _ in range(6)]
    world.run("wallet", "present", "--wallet", "ann", "--service", world.origin, "--audience", audience, "--nonce", nonces[0], "--smallest-set", "0")
    check("taken back", call(f"{requests}/{nonces[1]}", "DELETE", headers=headers).status == 204)
    handles, cookies = [], {}
    for _ in range(3):
        browser = Browser(world.origin)
        answer = browser.call(f"/openid/authorize?response_type=code&scope=openid&client_id={forum['client-id']}&redirect_uri={callback}")
        handles.append(answer.location.split("/")[-1])
        cookies[handles[-1]] = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    # For operators: a banned member who appeals, and forums that may be removed.
    world.run("operator", "add", "--data", "data", "carla", "--role", "owner")
    operator = json.loads(world.run("operator", "token", "--data", "data", "carla", "--label", "test", "--json"))["token"]
    nullifier = call(f"{requests}/{nonces[0]}", headers=headers).json["nullifiers"][0]["nullifier"]
    digest = hashlib.sha256(b"SYMBOLON-V01-sign-in-subject" + bytes.fromhex(audience + nullifier)).digest()
    ann = base64.b32encode(digest[:20]).decode().lower()
    for pseudonym in [ann] + ["aaaaaaaabbbbbbbbccccccccddddddd" + last for last in "aeimqu"]:
        world.run("forum", "ban", "--data", "data", "--forum", forum["client-id"], pseudonym, "--reason", "r", "--public-reason", "p")
    world.write("appeal.txt", "No.\n")
    world.run("wallet", "appeal", "--wallet", "ann", "--service", world.origin, "--audience", audience, "--text-file", "appeal.txt")
    spare = [world.forum(f"Spare {number}", "spare", "--redirect-uri", callback)["client-id"] for number in range(4)]
    return {
        "token": token, "operator": operator, "client": [forum["client-id"], discourse["client-id"]], "spare": spare, "number": [1, 2, 3, 4, 5, 6, 7],
        "who": [ann, ann, "babab-babab-babab"], "body": {"forum": [forum["client-id"]], "audience": [audience], "pseudonym": [ann]},
        "audience": [audience], "nonce": nonces, "decided": nonces[:2], "handle": handles, "cookies": cookies, "epoch": [1, 2],
        "forum": [discourse["client-id"], forum["client-id"]], "name": ["checkpoint", "community.json", "tile/0/000.p/1"],
        "query": {"client_id": [forum["client-id"]], "redirect_uri": [callback], "response_type": ["code"], "scope": ["openid"],
                  "post_logout_redirect_uri": [callback], "prompt": ["none", "login"]}}


def main():
    description = codes()
    programs = tools()
    with tempfile.TemporaryDirectory() as folder:
        world = Community(sys.argv[1], folder, {"ann": 30, "bob": 3}, serve=["--console"])
        try:
            seed = seeded(world)
            served = call(world.origin + "/openapi.json")
            check("served as it stands", served.status == 200 and served.json == description)
            world.write("openapi.json", served.text)
            subprocess.run([programs / "openapi-spec-validator", "--schema", "3.1", world.path("openapi.json")], check=True, stdout=subprocess.DEVNULL)
            done = subprocess.run(
                [programs / "st", "run", world.path("openapi.json"), "--url", world.origin, "--workers", "2",
                 "--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES), "--seed", str(SEED), "--request-timeout", "20",
                 "--generation-database", "none", "--suppress-health-check", "all", "--continue-on-failure", "--no-color", "--warnings", "off",
                 "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance"],
                cwd=folder, capture_output=True, text=True,
                env={**os.environ, "SCHEMATHESIS_HOOKS": "api_hooks", "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1",
                     "SYMBOLON_API_SEED": json.dumps(seed)})
            check(done.stdout[-20_000:] + done.stderr[-2000:], done.returncode == 0)
            log = world.read("serve.log").splitlines()
            done_well = {tuple(re.search(r"method=(\w+).*route=/v1/operator/(\S+)", line).groups()) for line in log
                         if "route=/v1/operator/" in line and "status=200" in line}
            asked = {(method.upper(), re.sub(r"{\w+}", "", path.removeprefix("/v1/operator/"))) for path, item in description["paths"].items()
                     if path.startswith("/v1/operator/") for method in item}
            done_well = {(method, re.sub(r"[:{]\w+}?", "", path)) for method, path in done_well}
            check(f"each address of operators did what it is for: {sorted(asked - done_well)}", not asked - done_well)
            check("it still serves", call(world.origin + "/health").json["status"] == "ok")
            print("\n".join(line for line in done.stdout.splitlines() if "generated" in line or "passed" in line.lower()))
        finally:
            world.stop()
    print(f"{count()} checks hold")


main()

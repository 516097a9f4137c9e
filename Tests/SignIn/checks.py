"""Checks that are counted, and what every page of the service has to be."""
from browser import Page

checks = 0


def check(what, holds):
    global checks
    checks += 1
    if not holds:
        raise AssertionError(what)


def count():
    return checks


def page(answer, status=200, forms="'self'"):
    """A page as it must be: strict policy, no inline script or style, nothing from elsewhere, not kept. `forms`: where its forms may lead."""
    check(f"a page: {answer.status} {answer.body[:200]}", answer.status == status and answer.headers["content-type"].startswith("text/html"))
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    check("strict policy", policy["default-src"] == "'none'" and policy["frame-ancestors"] == "'none'" and policy["base-uri"] == "'none'")
    check("forms lead nowhere else", policy.pop("form-action") == forms)
    check("own files only", all("unsafe" not in value and "http" not in value for value in policy.values()))
    check("not kept", answer.headers["cache-control"] == "no-store")
    parsed = Page(answer.text)
    check("nothing inline, nothing from elsewhere", not parsed.inline)
    return parsed

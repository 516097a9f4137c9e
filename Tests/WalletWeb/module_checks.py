"""Tests of modules alone, run where they live."""
from server import Server

PAGE = b"<!doctype html><title>tests</title>"
RUN = """
const [path, done] = arguments;
import(path).then(async ({ tests, run }) => done([Object.keys(tests).length, await run()]), (failure) => done([0, {import: String(failure)}]));
"""


def check_modules(report, browser, page_folder, own_folder):
    server = Server([page_folder, own_folder], {"/tests": (PAGE, "text/html")})
    try:
        browser.driver.set_script_timeout(300)
        for subject, path, least in (("The vault", "vault_tests.js", 25), ("The page's parts", "page_tests.js", 9)):
            report.go_to(subject, "modules")
            report.begin("tests")
            browser.open(f"{server.origin}/tests")
            count, failed = browser.driver.execute_async_script(RUN, f"/{path}")
            report.check(f"the tests in {path} hold", not failed and count >= least, "\n".join(f"{name}: {why}" for name, why in failed.items()))
            report.say(f"{count} tests hold")
    finally:
        server.close()

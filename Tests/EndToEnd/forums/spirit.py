"""Spirit, a forum written with Django, with mozilla-django-oidc."""
import os
import secrets
import shutil
import sqlite3

from community import free_port
from processes import Server, run

SETTINGS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "spirit")


class Spirit:
    name = "Spirit with mozilla-django-oidc"
    is_secure, is_told_issuer = False, True

    def __init__(self, report, provider, folder, programs):
        self.report, self.provider = report, provider
        port = free_port()
        self.origin = f"http://localhost:{port}"
        self.callback = self.origin + "/oidc/callback/"
        record = provider.add_forum("The Board", "board", self.callback)
        project = os.path.join(folder, "board")
        os.makedirs(folder)
        environment = {
            "PATH": os.path.join(programs, "bin") + os.pathsep + os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join((SETTINGS, project)), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1",
            "DJANGO_SETTINGS_MODULE": "forum_settings", "FORUM": self.origin, "FORUM_KEY": secrets.token_hex(32),
            **({"REQUESTS_CA_BUNDLE": provider.certificates.path("bundle.pem")} if provider.issuer.startswith("https:") else {}),
            "ISSUER": provider.issuer, "CLIENT_ID": record["client-id"], "CLIENT_SECRET": record["client-secret"]}
        run(["spirit", "startproject", "board"], folder, {"PATH": environment["PATH"]})
        self.database = os.path.join(project, "db.sqlite3")
        run(["django-admin", "migrate"], project, environment)
        run(["django-admin", "createcachetable"], project, environment)
        self.server = Server(self.name, ["django-admin", "runserver", "--noreload", f"127.0.0.1:{port}"], port,
                             os.path.join(folder, "spirit.log"), project, environment)

    def begin(self, browser):
        browser.open(self.origin)
        browser.click("a.header__login")

    def account(self, browser):
        browser.wait_for_address(self.origin)
        shown = browser.all("a.js-tab[data-related='.js-user-content']")
        if not shown:
            return None
        profile = browser.all("a.menu_list__link[href^='/user/']")[0].get_attribute("pathname")
        return profile.split("/")[2], shown[0].text.strip()

    def denied(self, browser):
        browser.wait_for_address(self.origin)
        self.report.check("the forum is as for a stranger", "Log in" in browser.text and self.account(browser) is None)

    def leave(self, browser):
        browser.open(self.origin + "/user/logout/")
        browser.click("form[method=post] button, form[method=post] [type=submit]")
        browser.wait_for(lambda: self.account(browser) is None, "still signed in at the forum")

    def is_regular(self, browser):
        browser.open(self.origin)
        key, _ = self.account(browser)
        return ("regulars",) in self.ask("SELECT name FROM auth_group JOIN auth_user_groups ON group_id = auth_group.id WHERE user_id = ?", key)

    def accounts(self):
        return sorted(str(key) for key, in self.ask("SELECT id FROM auth_user"))

    def ask(self, query, *values):
        with sqlite3.connect(self.database) as database:
            return database.execute(query, values).fetchall()

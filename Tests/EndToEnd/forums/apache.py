"""Apache with mod_auth_openidc: pages for members only."""
import os
import secrets
import urllib.parse

from httpd import Apache as Server

PAGES = {
    "index.shtml": '<p><a href="/members/">For members</a></p>',
    "members/index.shtml": '<p>You are <b id="account"><!--#echo var="REMOTE_USER" --></b>, '
                           'called <b id="name"><!--#echo var="OIDC_CLAIM_preferred_username" --></b>.</p>',
    "members/regulars/index.shtml": '<p id="regulars">For regulars.</p>',
}


class Apache:
    name = "Apache with mod_auth_openidc"
    is_secure, is_told_issuer = True, False

    def __init__(self, report, provider, folder, programs):
        self.report, self.provider = report, provider
        # The port is part of what is registered, and of what the server is told.
        self.server = Server("forum", folder, provider.certificates, lambda port: self.settings(provider, port, os.path.join(folder, "forum")))

    def settings(self, provider, port, folder):
        """Registers the forum and writes its pages; what its configuration is filled in with."""
        self.origin = f"https://127.0.0.1:{port}"
        self.callback = self.origin + "/members/callback"
        record = provider.add_forum("The Pages", "pages", self.callback, "--logout-uri", self.origin + "/", "--no-iss")
        for name, text in PAGES.items():
            path = os.path.join(folder, "pages", name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file:
                file.write(f'<!doctype html>\n<html lang="en"><title>The Pages</title>\n{text}\n')
        return {"ISSUER": provider.issuer, "FORUM": self.origin, "PASSPHRASE": secrets.token_hex(32),
                "CLIENT_ID": record["client-id"], "CLIENT_SECRET": record["client-secret"]}

    def begin(self, browser):
        browser.open(self.origin)
        browser.click("a[href='/members/']")

    def account(self, browser):
        browser.wait_for_address(self.origin)
        shown = browser.all("#account")
        return (shown[0].text, browser.find("#name").text) if shown else None

    def denied(self, browser):
        browser.wait_for_address(self.origin)
        self.report.check("Apache says so", "access_denied" in browser.find("body").text, browser.text)

    def leave(self, browser):
        """The module's own logout ends the session at the provider too; this is as if the forum's had run out."""
        browser.open(self.origin)
        browser.driver.delete_cookie("mod_auth_openidc_session")

    def log_out(self, browser):
        browser.open(self.callback + "?" + urllib.parse.urlencode({"logout": self.origin + "/"}))

    def is_regular(self, browser):
        browser.open(self.origin + "/members/regulars/")
        return bool(browser.all("#regulars"))

    def accounts(self):
        return None

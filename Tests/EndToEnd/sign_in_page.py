"""The provider's page, as a member uses it."""
import io
import re

import zxingcpp
from PIL import Image

PSEUDONYM = re.compile(r"\b[a-z]{5}-[a-z]{5}-[a-z]{5}\b")


class SignInPage:
    def __init__(self, report, provider, browser):
        """When the browser has come to it."""
        self.report, self.provider, self.browser = report, provider, browser
        browser.wait_for_address(provider.issuer + "/sign-in/")
        self.address = browser.address

    def command(self):
        """What the page tells to run; the address in it is what a member copies."""
        words = self.browser.find("pre").text.split()
        self.report.check("the page says what to run", words[:4] == ["symbolon", "wallet", "present", "--url"] and words[4:] == [self.address], words)
        return words[4]

    def scanned(self):
        """What a camera reads on the page."""
        picture = Image.open(io.BytesIO(self.browser.find("svg.qr").screenshot_as_png))
        return [code.text for code in zxingcpp.read_barcodes(picture)]

    def wallet(self, member, tier=None):
        """The member's wallet answers, elsewhere; the code that it shows."""
        status, verdict = self.provider.present(member, self.command(), *(["--tier", tier] if tier else []))
        self.report.check("the wallet is believed", status == 0 and verdict.get("verdict") == "accepted", verdict)
        return verdict["code"]

    def wallet_refuses(self, member, tier=None):
        status, verdict = self.provider.present(member, self.command(), *(["--tier", tier] if tier else []))
        self.report.check("the wallet cannot prove it and sends nothing", status == 1 and verdict.get("code") == "not-satisfied", verdict)

    def type_code(self, code):
        """In the field that the page shows by itself once a wallet has answered."""
        self.browser.type("#code", code, enter=True)

    def pseudonym(self):
        """Once the code was right."""
        self.browser.find(f"a[href$='/continue']")
        return self.browser.find("dd").text

    def groups(self):
        return self.browser.all("dd")[1].text.split(", ")

    def go_on(self):
        self.browser.click("a[href$='/continue']")

    def cancel(self):
        self.browser.click("form[action$='/cancel'] button")

    def alert(self):
        return self.browser.find("[role=alert]").text

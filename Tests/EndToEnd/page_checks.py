"""The provider's pages by themselves: for those who see little, use keys alone, have a small screen or no script."""
import time
import urllib.parse

from selenium.webdriver.common.keys import Keys

from looks import FOCUS, Looks
from scenarios import Scenarios


class PageChecks(Scenarios, Looks):
    def all(self):
        self.control()
        self.each_page()
        self.without_script()
        self.keyboard()
        self.by_file()

    def control(self):
        """The checks can fail."""
        self.report.begin("control")
        self.fresh()
        self.browser.run("document.body.append(document.createElement('img')); document.querySelector('h1').style.width = '500px'")
        self.report.check("axe finds a picture without a description", any(line.startswith("image-alt") for line in self.axe.violations(self.browser)))
        self.report.check("a page that is too wide is found", self.overflow() > 0)
        self.browser.size()

    def fresh(self):
        """The page, for a browser that was nowhere before."""
        self.browser.forget()
        return self.begin()

    def each_page(self):
        self.report.begin("looks")
        page = self.fresh()
        title = self.browser.find("h1").text
        self.inspect("waiting", title)
        code = page.wallet("ann")
        self.browser.find("#code")
        self.inspect("proved", title)
        wrong = "0000-0000" if code != "0000-0000" else "1111-1111"
        page.type_code(wrong)
        page.alert()
        self.inspect("wrong code", title)
        page.type_code(code)
        page.pseudonym()
        self.inspect("accepted", title)
        page.go_on()
        self.returned(page)
        self.browser.open(page.address)
        self.inspect("used", "This sign-in was used already")
        self.browser.open(self.provider.issuer + "/openid/logout")
        self.inspect("logout", "Sign out?")
        self.browser.click("form button")
        self.inspect("signed out", "Signed out")

        page = self.fresh()
        code = page.wallet("ann")
        for left in (4, 3, 2, 1):
            page.type_code(f"{left}{code[1:]}" if code[0] != str(left) else f"0{code[1:]}")
            self.browser.wait_for(lambda: f"left: {left}" in page.alert(), "the tries are not counted")
        page.type_code(f"5{code[1:]}" if code[0] != "5" else f"0{code[1:]}")
        self.inspect("failed", "Too many wrong codes")

        page = self.fresh()
        page.cancel()
        self.returned(page)
        self.browser.open(page.address)
        self.inspect("cancelled", "Cancelled")

        self.browser.open(self.provider.issuer + "/sign-in/" + "A" * 43)
        self.inspect("stranger", "Not here")
        self.browser.open(self.provider.issuer + "/openid/authorize?" + urllib.parse.urlencode({"client_id": "nobody"}))
        self.inspect("unknown forum", "This sign-in cannot begin")
        self.browser.complaints()
        self.report.say("axe finds nothing, light and dark; nothing moves; 320 pixels are enough")

    def without_script(self):
        """The same sign-in where scripts do not run."""
        self.report.begin("without script")
        page = self.fresh()
        self.browser.scripts(False)
        self.browser.open(page.address)
        code = page.wallet("ann")
        time.sleep(3)
        self.report.check("the page does not turn by itself", not self.browser.all("#code"))
        self.report.shot(self.browser, "answered")
        self.browser.click(f"a.button[href='{urllib.parse.urlsplit(page.address).path}']")
        page.type_code(code)
        page.pseudonym()
        self.browser.scripts(True)
        page.go_on()
        self.report.check("the forum gets a code", "code" in self.returned(page))
        self.report.say("a whole sign-in")

    def keyboard(self):
        """The same sign-in with Tab and Enter alone; where one is can be seen."""
        self.report.begin("keyboard")
        page = self.fresh()
        path = urllib.parse.urlsplit(page.address).path
        order = []
        own = "web+symbolon:sign-in=" + urllib.parse.quote(page.address, safe="")
        expected = [("summary", "With another wallet"), ("a", own), ("a", path), ("input", "file"), ("textarea", "text"),
                    ("button", "Send the answer"), ("button", "Cancel")]
        for _ in expected:
            self.browser.press(Keys.TAB)
            tag, what, is_seen = self.browser.run(FOCUS)
            self.report.check(f"the focus on {tag} {what} is seen", is_seen)
            order.append((tag, what))
        self.report.check("everything is reached, in the order of the page", order == expected, order)
        self.report.shot(self.browser, "cancel")
        code = page.wallet("ann")
        self.browser.find("#code")
        self.report.check("one can type at once", self.browser.run(FOCUS)[1] == "code")
        self.browser.press(code, Keys.ENTER)
        page.pseudonym()
        self.browser.press(Keys.TAB)
        self.report.check("the way on comes first", self.browser.run(FOCUS) == ["a", f"{path}/continue", True], self.browser.run(FOCUS))
        self.report.shot(self.browser, "continue")
        self.browser.press(Keys.ENTER)
        self.report.check("the forum gets a code", "code" in self.returned(page))
        self.report.say("a whole sign-in, by Tab and Enter")

    def by_file(self):
        """The wallet's answer as a file that the page is given."""
        self.report.begin("by file")
        page = self.fresh()
        status, said = self.provider.present("ann", page.command(), "--out", "answer.json")
        self.report.check("the wallet writes it", status == 0, said)
        self.browser.find("#file").send_keys(self.provider.path("answer.json"))
        self.browser.click("form[action$='/answer'] button")
        page.pseudonym()
        page.go_on()
        self.report.check("the forum gets a code", "code" in self.returned(page))
        self.report.say("a whole sign-in, without a code to type")

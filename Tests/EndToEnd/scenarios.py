"""What happens between a member, a browser, the provider and a forum; the same with every forum."""
import json
import urllib.parse

from sign_in_page import PSEUDONYM, SignInPage


class Scenarios:
    def __init__(self, report, provider, forum, browser):
        self.report, self.provider, self.forum, self.browser = report, provider, forum, browser

    # The steps that they have in common.

    def begin(self):
        """By the forum's login link to the page."""
        self.browser.documents()
        self.forum.begin(self.browser)
        return SignInPage(self.report, self.provider, self.browser)

    def returned(self, page):
        """What the forum was told when the browser came back: the parameters at its callback."""
        def calls():
            seen.extend(self.browser.documents())
            return [(url, headers) for url, headers in seen if url.startswith(self.forum.callback + "?")]
        seen = []
        url, headers = self.browser.wait_for(calls, "the browser does not come back to the forum")[-1]
        values = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query, strict_parsing=True))
        self.report.check("the forum is told to what it is answered", values["state"])
        # Some software takes the issuer for a login that somebody else began: it is registered so that it is not told.
        self.report.check("and by whom", values.get("iss") == (self.provider.issuer if self.forum.is_told_issuer else None), values)
        told = next((value for name, value in headers.items() if name.lower() == "referer"), "")
        self.report.check("and not the address of the page", "/sign-in/" not in told, told)
        # 422 is how a page says that a code is wrong, 403 that a member is banned.
        complaints = [line for line in self.browser.complaints() if self.provider.issuer in line and "status of 422" not in line
                      and "status of 403" not in line]
        self.report.check("the browser complains of nothing on the provider's pages", not complaints, complaints)
        return values

    def prove(self, page, member, tier=None):
        """Wallet and code; the pseudonym that the page shows."""
        self.report.check("no pseudonym before the proof", not PSEUDONYM.search(self.browser.text))
        page.type_code(page.wallet(member, tier))
        return page.pseudonym()

    def sign_in(self, member, tier=None):
        """A whole sign-in; the forum's account."""
        page = self.begin()
        pseudonym = self.prove(page, member, tier)
        page.go_on()
        self.report.check("the forum gets a code", "code" in self.returned(page))
        account = self.browser.wait_for(lambda: self.forum.account(self.browser), "nobody is signed in at the forum")
        self.report.check("the forum calls the member as the page said", account[1] == pseudonym, (account, pseudonym))
        return account

    def refused(self, page):
        """The member cancels; the forum hears that he was denied, and no more."""
        before = self.forum.accounts()
        page.cancel()
        values = self.returned(page)
        self.report.check("the forum sees access_denied and nothing else", values["error"] == "access_denied" and
                          not set(values) - {"error", "error_description", "state", "iss"}, values)
        self.forum.denied(self.browser)
        self.report.check("no account comes of it", self.forum.accounts() == before)

    # The scenarios.

    def all(self):
        """In this order: who was signed in before is at hand later."""
        self.same_member()
        self.again_without_a_proof()
        self.another_member()
        self.too_little()
        self.wrong_code()
        self.cancel_and_retry()
        self.banned()
        if hasattr(self.forum, "is_regular"):
            self.higher_tier()
        if hasattr(self.forum, "log_out"):
            self.log_out()

    def same_member(self):
        """Twice the same member, from two browsers that know nothing of each other: one account."""
        self.report.begin("the same member twice")
        page = self.begin()
        cookie = self.browser.cookies().get(self.provider.cookie)
        self.report.check("a cookie that is the page's alone", cookie and cookie["httpOnly"] and cookie["sameSite"] == "Lax" and cookie["path"] == "/"
                          and "expiry" not in cookie and cookie["secure"] == self.provider.issuer.startswith("https:"), self.browser.cookies())
        self.report.shot(self.browser, "asked")
        scanned = page.scanned()
        self.report.check("a camera reads the page's address", scanned == [page.address], scanned)
        code = page.wallet("ann")
        self.browser.find("#code")
        self.report.shot(self.browser, "proved")
        page.type_code(code)
        pseudonym = page.pseudonym()
        self.report.check("the groups of the first tier", page.groups() == ["members"])
        self.report.shot(self.browser, "accepted")
        page.go_on()
        self.report.check("the forum gets a code", "code" in self.returned(page))
        self.ann = self.browser.wait_for(lambda: self.forum.account(self.browser), "nobody is signed in at the forum")
        self.report.check("the forum calls the member as the page said", self.ann[1] == pseudonym, (self.ann, pseudonym))
        self.report.shot(self.browser, "signed in")
        self.report.say(f"signed in as {pseudonym}")
        self.browser.forget()
        again = self.sign_in("ann")
        self.report.check("the same account", again == self.ann, (again, self.ann))
        self.report.check("and no other", self.forum.accounts() in (None, [self.ann[0]]), self.forum.accounts())
        self.report.say("again from a fresh browser: the same account")

    def again_without_a_proof(self):
        """Signed out of the forum, not of the provider: it lets the member in without asking."""
        self.report.begin("again in the same browser")
        self.forum.leave(self.browser)
        self.browser.documents()
        self.forum.begin(self.browser)
        self.report.check("the forum gets a code at once", "code" in self.returned(None))
        account = self.browser.wait_for(lambda: self.forum.account(self.browser), "nobody is signed in at the forum")
        self.report.check("the same account", account == self.ann, (account, self.ann))
        self.report.say("within eight hours without another proof")

    def another_member(self):
        self.report.begin("another member")
        self.browser.forget()
        self.bob = bob = self.sign_in("bob")
        self.report.check("another account", bob[0] != self.ann[0] and bob[1] != self.ann[1], (bob, self.ann))
        self.report.check("now there are two", self.forum.accounts() in (None, sorted([self.ann[0], bob[0]])), self.forum.accounts())
        self.report.say(f"another account, {bob[1]}")

    def too_little(self):
        """Who does not meet the first tier gets nothing, and the forum does not learn why."""
        self.report.begin("too little reputation")
        self.browser.forget()
        page = self.begin()
        page.wallet_refuses("cyd")
        self.report.check("the page waits on", not self.browser.all("#code"))
        self.refused(page)
        self.report.shot(self.browser, "not let in")
        self.report.say("the wallet refuses; the forum sees access_denied; no account")

    def wrong_code(self):
        """A wrong code says so and costs a try; the right one is good after it."""
        self.report.begin("a wrong code")
        self.browser.forget()
        page = self.begin()
        code = page.wallet("ann")
        wrong = "0000-0000" if code != "0000-0000" else "1111-1111"
        page.type_code(wrong)
        self.report.check("said on the page", "Tries left: 4" in page.alert(), page.alert())
        self.report.shot(self.browser, "alert")
        page.type_code("12")
        self.report.check("what is no code costs nothing", "eight letters" in self.browser.wait_for(
            lambda: "eight" in page.alert() and page.alert(), "no other alert"))
        page.type_code(code.lower().replace("-", " "))
        page.pseudonym()
        page.go_on()
        self.report.check("the forum gets a code", "code" in self.returned(page))
        account = self.browser.wait_for(lambda: self.forum.account(self.browser), "nobody is signed in at the forum")
        self.report.check("the same account", account == self.ann)
        self.report.say("told, counted, and the right one is good after it")

    def cancel_and_retry(self):
        """Back at the forum after cancelling, its link leads to a fresh sign-in."""
        self.report.begin("cancel and try again")
        self.browser.forget()
        page = self.begin()
        self.refused(page)
        self.report.shot(self.browser, "cancelled")
        again = self.sign_in("ann")
        self.report.check("the same account", again == self.ann)
        self.report.say("back with access_denied; then signed in")

    def banned(self):
        """Who is banned is told why, and gets in no more; the forum hears nothing of it. Once it is lifted he is who he was."""
        self.report.begin("banned")
        forums = json.loads(self.provider.run("forum", "list", "--data", "data", "--json"))
        forum = next(record["client-id"] for record in forums if self.forum.callback in record["redirect-uris"])
        told = self.provider.run("forum", "ban", "--data", "data", "--forum", forum, self.bob[1], "--reason", "see the notes", "--public-reason",
                                 "Insults after three warnings.", "--until", "30d", "--operator", "carla", "--json")
        self.browser.forget()
        before = self.forum.accounts()
        page = self.begin()
        status, verdict = self.provider.present("bob", page.command())
        self.report.check("the wallet is told", status == 1 and verdict["code"] == "banned" and verdict["reason"].startswith("Insults"), verdict)
        page.type_code(verdict["sign-in-code"])
        self.browser.wait_for(lambda: "Insults after three warnings." in self.browser.text, "the page does not say why")
        self.report.check("the operator's own reason is not shown", "see the notes" not in self.browser.text)
        self.report.check("there is no way on", not self.browser.all("a[href$='/continue']"))
        self.report.shot(self.browser, "banned")
        self.browser.click("a[href$='/return']")
        values = self.returned(page)
        self.report.check("the forum hears what it hears of one who cancelled", values["error"] == "access_denied" and
                          not set(values) - {"error", "error_description", "state", "iss"}, values)
        self.forum.denied(self.browser)
        self.report.check("no account comes of it", self.forum.accounts() == before)
        self.browser.forget()
        self.report.check("others come in as before", self.sign_in("ann") == self.ann)
        self.provider.run("forum", "unban", "--data", "data", str(json.loads(told)["ban"]), "--reason", "heard", "--operator", "carla")
        self.browser.forget()
        self.report.check("lifted, he has his account again", self.sign_in("bob") == self.bob)
        # Who was signed in before is at hand later.
        self.browser.forget()
        self.sign_in("ann")
        self.report.say("told why; the forum sees access_denied; lifted, the same account again")

    def higher_tier(self):
        """The member who proves it has its group, under the same account."""
        self.report.begin("a higher tier")
        self.report.check("the first tier is not enough", not self.forum.is_regular(self.browser))
        self.report.shot(self.browser, "members alone")
        self.browser.forget()
        page = self.begin()
        page.wallet_refuses("bob", "regular")
        self.prove(page, "ann", "regular")
        self.report.check("the groups of both tiers", page.groups() == ["members", "regulars"], page.groups())
        page.go_on()
        self.returned(page)
        self.report.check("the same account", self.forum.account(self.browser) == self.ann)
        self.report.check("and in the group", self.forum.is_regular(self.browser))
        self.report.shot(self.browser, "regulars")
        self.report.say("the same account, now in its group")

    def log_out(self):
        """Signed out of the forum and, through it, of the provider: back at the forum, and the next sign-in needs a proof."""
        self.report.begin("logout")
        self.forum.log_out(self.browser)
        self.browser.wait_for(lambda: self.browser.address == self.forum.origin + "/", "it does not come back to the forum")
        page = self.begin()
        self.report.check("a proof is needed", self.browser.all("pre"))
        self.refused(page)
        self.report.say("back at the forum; the next sign-in needs a proof")

"""Members sign in to a real forum with the wallet in their browser: from claim to account by navigation alone, whatever gets in the way."""
import http.server
import json
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse

from looks import NARROW, Looks
from scenarios import Scenarios
from sign_in_page import PSEUDONYM, SignInPage
from wallet_model import case_of
from wallet_page import WalletPage
from wallet_world import Rogue

PASSPHRASE = "lantern copper ninety orchard"
MODEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "protocol", "case.py")
# Generous, because a machine that runs tests is seldom quiet: seconds to a page that can be used, and for a proof. What was found is printed.
READY, PROVED = 10, 30


class WalletSignIn(Scenarios, Looks):
    """`make_browser(name)`: another browser that was never anywhere."""

    def __init__(self, report, provider, forum, make_browser):
        self.make_browser = make_browser
        super().__init__(report, provider, forum, None)
        self.browsers = {}
        self.use("first")

    def use(self, name):
        """The browser of that name, made when it is first needed."""
        if name not in self.browsers:
            browser = self.make_browser(name)
            browser.command("Browser.setDownloadBehavior", behavior="allow", downloadPath=self.downloads(name))
            self.browsers[name] = browser, WalletPage(self.report, browser, self.provider.wallet)
        self.browser, self.wallet = self.browsers[name]

    def downloads(self, name):
        folder = self.provider.path(f"downloads-{name}")
        os.makedirs(folder, exist_ok=True)
        return folder

    def end(self):
        for browser, _ in self.browsers.values():
            browser.quit()

    def all(self):
        self.claim()
        self.same_member()
        self.the_answer_holds()
        self.another_browser()
        self.another_member()
        self.too_little()
        self.cancelled()
        self.reloaded()
        self.lost()
        self.too_late()
        self.banned()
        self.heard()
        self.relayed()
        self.forged()
        self.framed()
        self.measured()

    # What these have in common.

    def look(self, what):
        """What is shown, in all the ways it can look; axe and the width of a small screen in each language."""
        for language in ("zh-Hant", "en"):
            self.wallet.language(language)
            for scheme in ("light", "dark"):
                self.browser.prefers(color_scheme=scheme, reduced_motion="reduce")
                violations = self.axe.violations(self.browser)
                self.report.check(f"{what}, {scheme}, {language}: accessible", not violations, violations)
                self.report.shot(self.browser, f"{what} {scheme} {language}")
            self.browser.prefers()
            overflow = self.overflow()
            self.report.check(f"{what}, {language}: no scrolling sideways on {NARROW} pixels", overflow == 0, overflow)
            self.report.shot(self.browser, f"{what} narrow {language}")
            self.browser.size()

    def begin(self):
        """By the forum's link to the provider's page, and by that page's link to the wallet; what is asked, if the wallet is open."""
        self.forget_sign_ins()
        page = super().begin()
        self.report.check("no pseudonym before the proof", not PSEUDONYM.search(self.browser.text))
        self.browser.click(f"a[href^='{self.provider.wallet}/#sign-in=']")
        self.browser.wait_for(lambda: urllib.parse.urlsplit(self.browser.address)[:3] == urllib.parse.urlsplit(self.provider.wallet + "/")[:3],
                              "it does not come to the wallet")
        self.browser.wait_for(lambda: "#sign-in" not in self.browser.address, "the sign-in stays in the wallet's address")
        return page

    def forget_sign_ins(self):
        """Cookies of provider and forum; the wallet stays."""
        self.browser.command("Network.clearBrowserCookies")

    def opened(self):
        """The passphrase, where it is asked for: a wallet that was used just now stays open for a while."""
        self.browser.wait_for(lambda: self.browser.all("#passphrase, #sign-in-form, #failure, #to-claim, .appeal"), "neither locked nor open")
        if self.browser.all("#passphrase"):
            self.wallet.unlock(PASSPHRASE)

    def taken_back(self, page):
        """By navigation alone: the provider's page with the pseudonym, the forum, the account."""
        self.browser.wait_for_address(self.provider.issuer + "/sign-in/")
        pseudonym = page.pseudonym()
        self.report.check("no code on the page", not self.browser.all("#code"))
        return pseudonym

    def finish(self, page):
        pseudonym = self.taken_back(page)
        page.go_on()
        self.report.check("the forum gets a code", "code" in self.returned(page))
        account = self.browser.wait_for(lambda: self.forum.account(self.browser), "nobody is signed in at the forum")
        self.report.check("the forum calls the member as the page said", account[1] == pseudonym, (account, pseudonym))
        return account

    def sign_in(self, tier=None):
        page = self.begin()
        self.opened()
        self.wallet.asked()
        if tier:
            self.wallet.choose_tier(tier)
        self.wallet.agree()
        account = self.finish(page)
        return account

    def nothing_came_of_it(self, page, accounts):
        """Back at the provider's page the member cancels; the forum hears no more than that he was denied."""
        self.browser.wait_for_address(self.provider.issuer + "/sign-in/")
        page.cancel()
        values = self.returned(page)
        self.report.check("the forum sees access_denied and nothing else", values["error"] == "access_denied" and
                          not set(values) - {"error", "error_description", "state", "iss"}, values)
        self.forum.denied(self.browser)
        self.report.check("no account comes of it", self.forum.accounts() == accounts)

    def store(self, query, *values):
        with sqlite3.connect(self.provider.path("data/store.sqlite"), timeout=30) as database:
            return database.execute(query, values).fetchall()

    def member(self, name):
        """A new wallet in a browser of its own, with that member's credential in the tree."""
        self.use(name)
        self.wallet.open(self.provider.claim_link(name))
        self.wallet.make(PASSPHRASE)
        self.wallet.claim()
        self.wallet.wait_for_leaf()

    # The scenarios.

    def claim(self):
        """From the link in a letter to a credential that can be used."""
        self.report.begin("claim")
        self.wallet.open(self.provider.claim_link("ann"))
        self.wallet.title("Welcome")
        self.report.check("the code does not stay in the address", self.browser.address == self.provider.wallet + "/", self.browser.address)
        self.look("welcome")
        self.words = self.wallet.make(PASSPHRASE, self.look)
        self.wallet.title("Claim this credential?")
        shown = self.browser.find("#claim-from").text, self.browser.find("#claim-for").text
        self.report.check("it says whose", shown == (self.provider.issuer, self.provider.id), shown)
        self.look("claim")
        self.wallet.claim()
        self.report.check("not usable before it is in the tree", self.wallet.state() in ("waiting", "in-tree"))
        self.wallet.wait_for_leaf()
        self.look("credential")
        self.browser.click("#navigation a[href='#history']")
        self.browser.find("#history")
        self.look("history")
        self.browser.click("#navigation a[href='#settings']")
        self.wallet.title("Settings")
        self.look("settings")
        self.browser.open(self.provider.claim_link("ann"))
        self.wallet.title("Claim this credential?")
        self.browser.click("#claim")
        self.browser.wait_for(lambda: self.browser.all("#failure, #done"), "the same link twice is neither taken nor refused")
        self.report.shot(self.browser, "the same link again")
        self.wallet.open()
        self.wallet.lock()
        self.wallet.unlock("not the passphrase")
        self.browser.wait_for(lambda: "not the passphrase" in self.browser.find("#passphrase-error").text, "a wrong passphrase is not told")
        self.look("wrong passphrase")
        self.wallet.unlock(PASSPHRASE)
        self.browser.wait_for(lambda: not self.browser.all("#passphrase"), "it does not open")
        if self.browser.all("#leave-task"):
            self.browser.click("#leave-task")
        self.wallet.title("Your credentials")
        complaints = self.browser.complaints()
        self.report.check("the browser complains of nothing", not [line for line in complaints if "status of 409" not in line], complaints)
        self.report.say("from the link to a credential in the tree")

    def same_member(self):
        """Two visits, one account; the second with a wallet that is locked on arrival."""
        self.report.begin("sign-in")
        page = self.begin()
        self.opened()
        self.wallet.asked()
        said = self.browser.text
        self.report.check("who asks, through whom, for what", all(text in said for text in ("The Board", self.provider.issuer, self.forum.origin)), said)
        self.report.check("nothing of the forum's is on the wallet's page", not PSEUDONYM.search(said))
        self.look("asked")
        self.wallet.agree()
        self.ann = self.finish(page)
        self.report.shot(self.browser, "signed in")
        self.report.say(f"signed in as {self.ann[1]}, without anything to copy")
        self.wallet.open()
        self.wallet.lock()
        page = self.begin()
        self.browser.find("#unlock-form")
        self.report.check("locked on arrival, and it says why it is asked for", "who asks you" in self.browser.text)
        self.look("locked")
        self.wallet.unlock(PASSPHRASE)
        self.wallet.asked()
        self.wallet.agree()
        self.report.check("the same account", self.finish(page) == self.ann)
        self.report.check("the wallet remembers it for its owner alone", self.history("You signed in to The Board") == 2)
        again = self.sign_in("regular")
        self.report.check("the same account by a higher tier", again == self.ann and self.forum.is_regular(self.browser))
        self.report.say("again, and by a higher tier: the same account")

    def history(self, text):
        self.wallet.open()
        self.opened()
        self.wallet.title("Your credentials")
        self.browser.click("#navigation a[href='#history']")
        self.browser.find("#history")
        return sum(text in item.text for item in self.browser.all("#history li"))

    def the_answer_holds(self):
        """What the browser proved, as the service keeps it, holds for the command line and for the model in another language."""
        self.report.begin("the proof")
        rows = self.store("SELECT document, presentation, accepted FROM request WHERE accepted IS NOT NULL ORDER BY accepted")
        self.report.check("there are some", len(rows) >= 3, len(rows))
        document, answer, accepted = rows[0]
        community = self.provider.published("/v1/community")
        checkpoint = self.provider.published("/log/checkpoint")
        for name, text in (("request.json", document), ("answer.json", answer), ("community.json", community), ("checkpoint.txt", checkpoint)):
            self.provider.write(name, text.decode())
        files = ["--community", "community.json", "--id", self.provider.id, "--checkpoint", "checkpoint.txt"]
        told = json.loads(self.provider.run("verify", *files, "--request", "request.json", "--answer", "answer.json", "--at", str(accepted), "--json"))
        self.report.check("the command line verifies it", told["verdict"] == "accepted", told)
        case = case_of(json.loads(document), json.loads(answer), json.loads(community), told["nullifiers"])
        spoilt = {**case, "presentation": case["presentation"][:-2] + f"{int(case['presentation'][-2:], 16) ^ 1:02x}", "valid": False, "why": "a bit"}
        self.provider.write("case.json", json.dumps([case, spoilt]))
        model = subprocess.run([sys.executable, MODEL, "check", self.provider.path("case.json")], capture_output=True, text=True)
        self.report.check("the model verifies it, and nothing else", model.returncode == 0, model.stdout + model.stderr)
        self.provider.run("protocol", "check-case", "case.json")
        self.report.say(f"{len(bytes.fromhex(case['presentation']))} bytes hold for the command line and for the model")

    def another_browser(self):
        """A backup file makes the same member in another browser, and opens for the command line."""
        self.report.begin("another browser")
        self.wallet.open()
        self.opened()
        self.wallet.title("Your credentials")
        self.browser.open(self.provider.wallet + "/#backup")
        self.wallet.title(self.browser.find("h1").text)
        self.browser.type("#passphrase", PASSPHRASE)
        self.look("backup")
        self.browser.type("#passphrase", PASSPHRASE)
        self.browser.click("#backup")
        folder = self.downloads("first")
        self.backup = self.browser.wait_for(lambda: next((os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".wallet")), None),
                                            "there is no backup file")
        environment = {**self.provider.environment, "SYMBOLON_PASSPHRASE": PASSPHRASE}
        shown = subprocess.run([self.provider.symbolon, "wallet", "show", "--wallet", self.backup], env=environment, capture_output=True, text=True)
        self.report.check("the command line opens it", shown.returncode == 0 and "votes 30" in shown.stdout, shown.stdout + shown.stderr)
        self.use("second")
        self.wallet.open()
        self.wallet.title("Welcome")
        self.browser.click("#bring-back")
        self.look("bring back")
        self.wallet.open()
        self.wallet.restore_file(self.backup, "not the passphrase")
        self.browser.wait_for(lambda: self.browser.find("#file-passphrase-error").text, "a wrong passphrase is not told")
        self.wallet.open()
        self.wallet.restore_file(self.backup, PASSPHRASE)
        self.wallet.title("Your credentials")
        self.give_service()
        self.wallet.wait_for_leaf()
        self.report.check("the same account", self.sign_in() == self.ann)
        self.report.say("the same account from a backup file")

    def give_service(self):
        """A wallet file does not say where a service is, if the wallet does not know."""
        if self.browser.all("#service-0"):
            self.browser.type("#service-0", self.provider.issuer)
            self.browser.click("#service-form-0 button")
            self.browser.find("#sync")

    def another_member(self):
        self.report.begin("another member")
        self.member("bob")
        self.bob = self.sign_in()
        self.report.check("another account", self.bob[0] != self.ann[0] and self.bob[1] != self.ann[1], (self.bob, self.ann))
        self.report.check("now there are two", self.forum.accounts() == sorted([self.ann[0], self.bob[0]]), self.forum.accounts())
        page = self.begin()
        self.opened()
        self.wallet.asked()
        higher = self.browser.find("#tiers input[value='regular']")
        self.report.check("a tier above him cannot be chosen, and it says why", not higher.is_enabled() and "does not meet" in self.browser.text)
        self.look("one tier of two")
        before = self.forum.accounts()
        self.browser.click("#decline")
        self.nothing_came_of_it(page, before)
        self.report.check("the wallet remembers that he did not want to", self.history("You chose not to sign in to The Board") == 1)
        self.report.say(f"another account, {self.bob[1]}; declined, the forum sees access_denied")

    def too_little(self):
        """Refused inside of the wallet, with the reason; the forum does not learn it."""
        self.report.begin("too little reputation")
        self.member("cyd")
        before = self.forum.accounts()
        page = self.begin()
        self.opened()
        self.wallet.asked()
        self.report.check("told why", "does not meet this condition" in self.browser.text and self.browser.all("#none-usable"))
        self.report.check("there is no way to answer", not self.browser.find("#sign-in").is_enabled())
        self.look("too little")
        self.browser.click("#decline")
        self.nothing_came_of_it(page, before)
        sent = self.store("SELECT count(*) FROM request WHERE accepted IS NOT NULL")
        self.report.shot(self.browser, "not let in")
        page = self.begin()
        self.opened()
        self.wallet.asked()
        self.browser.click("#decline")
        self.nothing_came_of_it(page, before)
        self.report.check("nothing was sent", self.store("SELECT count(*) FROM request WHERE accepted IS NOT NULL") == sent)
        # Twice within some minutes is one.
        self.report.check("the wallet remembers why", self.history("Your wallet did not sign you in to The Board") == 1 and "does not meet this condition" in self.browser.text)
        self.report.check("a refusal is not what he chose", "You chose not to" not in self.browser.text)
        self.report.say("told in the wallet; the forum sees access_denied, at the second try too")

    def cancelled(self):
        """Stopped while the wallet computes; nothing is sent, and the next try goes through."""
        self.report.begin("cancelled")
        self.use("first")
        page = self.begin()
        self.opened()
        self.wallet.asked()
        accepted = self.store("SELECT count(*) FROM request WHERE accepted IS NOT NULL")
        self.wallet.when_proving("document.getElementById('stop').click()")
        self.wallet.agree()
        self.browser.wait_for(lambda: "Stopped" in self.browser.find("#announcement").text, "it does not stop")
        self.wallet.asked()
        self.report.shot(self.browser, "stopped")
        self.report.check("nothing was sent", self.store("SELECT count(*) FROM request WHERE accepted IS NOT NULL") == accepted)
        self.wallet.agree()
        self.report.check("the same account", self.finish(page) == self.ann)
        self.report.say("stopped in the middle of the proof, and signed in by the next try")

    def reloaded(self):
        """Loaded again while it computes: the same sign-in goes on."""
        self.report.begin("loaded again")
        page = self.begin()
        self.opened()
        self.wallet.asked()
        self.browser.run("window.before = true")
        self.wallet.when_proving("location.reload()")
        self.wallet.agree()
        self.browser.wait_for(lambda: not self.browser.run("return window.before"), "it is not loaded again")
        self.opened()
        self.wallet.asked()
        self.report.shot(self.browser, "after it")
        self.wallet.agree()
        self.report.check("the same account", self.finish(page) == self.ann)
        self.report.say("loaded again in the middle of the proof")

    def lost(self):
        """The browser deletes what it kept: brought back from the file, and from the words."""
        self.report.begin("storage lost")
        for how in ("file", "words"):
            self.wallet.open()
            self.opened()
            self.wallet.title("Your credentials")
            self.browser.command("Storage.clearDataForOrigin", origin=self.provider.wallet, storageTypes="all")
            self.wallet.open()
            self.wallet.title("Welcome")
            self.report.check("it says what may have happened", "Did you have a wallet here?" in self.browser.text)
            if how == "file":
                self.wallet.restore_file(self.backup, PASSPHRASE)
                self.wallet.title("Your credentials")
                self.give_service()
                self.wallet.wait_for_leaf()
            else:
                self.wallet.restore_words(self.words, PASSPHRASE, self.provider.issuer, self.provider.id)
                self.wallet.title("Your credentials")
                self.wallet.wait_for_leaf()
            self.report.shot(self.browser, f"brought back by {how}")
            self.report.check(f"the same account, by {how}", self.sign_in() == self.ann)
        self.report.say("brought back from file and from words: the same account")

    def too_late(self):
        """A sign-in whose time is over."""
        self.report.begin("too late")
        page = self.begin()
        self.opened()
        self.wallet.asked()
        # Ten minutes later, as far as this sign-in is concerned.
        self.store("UPDATE interaction SET expires = expires - 601")
        self.store("UPDATE request SET expires = expires - 601 WHERE accepted IS NULL")
        self.wallet.agree()
        said = self.wallet.failure()
        self.report.check("told what to do", "begin again" in said, said)
        self.look("too late")
        self.browser.click("#decline")
        self.browser.wait_for_address(page.address)
        self.report.check("over there too", not self.browser.all("a[href$='/continue']"))
        self.report.shot(self.browser, "over")
        self.report.check("the next one is good", self.sign_in() == self.ann)
        self.report.say("told, and the next sign-in is good")

    def banned(self):
        """The wallet shows the public reason; the forum hears nothing of it."""
        self.report.begin("banned")
        self.use("bob")
        forums = json.loads(self.provider.run("forum", "list", "--data", "data", "--json"))
        forum = next(record["client-id"] for record in forums if self.forum.callback in record["redirect-uris"])
        self.provider.run("forum", "ban", "--data", "data", "--forum", forum, self.bob[1], "--reason", "see the notes", "--public-reason",
                          "Insults after three warnings.", "--until", "30d", "--operator", "carla", "--json")
        before = self.forum.accounts()
        page = self.begin()
        self.opened()
        self.wallet.asked()
        self.wallet.agree()
        said = self.wallet.failure()
        self.report.check("told why, and until when", "Insults after three warnings." in said and "see the notes" not in said, said)
        self.look("banned")
        self.browser.click("#banned-go")
        self.browser.wait_for_address(self.provider.issuer + "/sign-in/")
        self.browser.wait_for(lambda: "Insults after three warnings." in self.browser.text, "the page does not say why")
        self.report.check("there is no way on", not self.browser.all("a[href$='/continue']"))
        self.report.shot(self.browser, "at the provider")
        self.browser.click("a[href$='/return']")
        values = self.returned(page)
        self.report.check("the forum hears what it hears of one who cancelled", values["error"] == "access_denied" and
                          not set(values) - {"error", "error_description", "state", "iss"}, values)
        self.report.check("no account comes of it", self.forum.accounts() == before)
        self.report.check("the wallet remembers why", self.history("did not sign you in to The Board. The pseudonym that you have") == 1 and "Insults after three warnings." in self.browser.text)
        self.report.say("told why; the forum sees access_denied")

    def heard(self):
        """He says what he has to say, from the same page; somebody else than who banned decides, and he has his account again."""
        self.report.begin("heard")
        said = "I quoted what I answered to.\nPlease read it again."
        self.begin()
        self.opened()
        self.wallet.asked()
        self.wallet.agree()
        self.wallet.failure()
        self.browser.click("#appeal")
        self.wallet.title("Appeal at The Board")
        self.browser.type("#appeal-text", said)
        self.look("appeal")
        # Loaded again while it computes: nothing was sent, and nothing is lost.
        self.browser.run("window.before = true")
        self.wallet.when_proving("location.reload()")
        self.browser.click("#send-appeal")
        self.browser.wait_for(lambda: not self.browser.run("return window.before"), "it is not loaded again")
        self.opened_appeals()
        self.report.check("it was not sent", self.appeal() == ("unsent", said) and self.appeals() == [], (self.appeal(), self.appeals()))
        self.browser.click(".again")
        self.browser.wait_for(lambda: self.browser.all("[data-state='open']"), "it is not taken")
        self.report.check("the operators have the text", [one["text"] for one in self.appeals()] == [said], self.appeals())
        self.look("appeal waits")
        # Later, on a page of its own.
        self.wallet.open()
        self.opened()
        self.wallet.title("Your credentials")
        self.browser.click("#to-appeals")
        self.opened_appeals()
        self.browser.click(".again")
        self.browser.wait_for(lambda: "waits for its decision" in self.browser.find("#done").text, "how it stands is not said")
        [waiting] = self.appeals()
        decide = ("forum", "decide", "--data", "data", str(waiting["appeal"]), "--grant", "--answer", "You did quote.", "--operator")
        same = self.provider.attempt(*decide, "carla")
        self.report.check("who banned does not decide", same.returncode == 1 and "same-operator" in same.stdout, same.stdout + same.stderr)
        self.provider.run(*decide, "dora")
        self.browser.click(".again")
        self.browser.wait_for(lambda: "the ban is lifted" in self.browser.find("#done").text, "the decision is not told")
        self.report.check("the answer is there", "You did quote." in self.browser.text and not self.browser.all("[id^='ban-']"))
        self.look("appeal granted")
        self.report.check("lifted, he has his account again", self.sign_in() == self.bob)
        self.report.say("not lost by a page that ends, heard once, granted by another operator: the same account again")

    def opened_appeals(self):
        self.opened()
        self.wallet.title("Bans and appeals")

    def appeal(self):
        """The one that is kept: its state and its text."""
        one = self.browser.find(".appeal")
        return one.get_attribute("data-state"), one.find_element("css selector", "details .said").get_property("textContent")

    def appeals(self):
        """What the operators have to decide."""
        return json.loads(self.provider.run("forum", "appeals", "--data", "data", "--json"))

    def relayed(self):
        """A thief begins a sign-in and shows it to a member, whose wallet answers it: the thief gains nothing."""
        self.report.begin("relayed")
        self.use("thief")
        page = Scenarios.begin(self)
        thief, address = self.browser, page.address
        self.use("first")
        self.forget_sign_ins()
        self.wallet.open(self.provider.sign_in_link(address))
        self.opened()
        self.wallet.asked()
        self.report.check("the wallet says that one must have begun it oneself", "Go on only if you began this yourself" in self.browser.text)
        self.wallet.agree()
        self.browser.wait_for_address(self.provider.issuer + "/sign-in/")
        self.browser.wait_for(lambda: "Not here" in self.browser.find("h1").text, "the member's browser is taken for the thief's")
        self.report.check("no pseudonym, and no way on", not PSEUDONYM.search(self.browser.text) and not self.browser.all("a[href$='/continue']"))
        self.report.check("no code that one could be talked into telling", not re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", self.browser.text),
                          self.browser.text)
        self.report.check("nor an address that one could pass on", "code=" not in self.browser.address, self.browser.address)
        self.report.shot(self.browser, "in the member's browser")
        thief.open(address)
        time.sleep(3)
        self.report.check("the thief has no pseudonym", not PSEUDONYM.search(thief.text))
        self.report.check("and no way on", not thief.all("a[href$='/continue']"))
        self.report.shot(thief, "in the thief's browser")
        thief.open(address + "/continue")
        self.report.check("by force neither", self.forum.origin not in thief.address, thief.address)
        self.report.say("the proof opens nothing in either browser")

    def forged(self):
        """A provider whose client record is another's, altered, or signed by somebody else: the wallet proves nothing to it."""
        self.report.begin("forged record")
        rogue = Rogue(self.provider)
        try:
            page = Scenarios.begin(self)

            def altered(offer, keys):
                head, body, signature = offer["record"].split(".")
                return {**offer, "record": ".".join((head, body, signature[:-4] + ("AAAA" if signature[-4:] != "AAAA" else "BBBB")))}, keys
            for what, bend in (
                ("passed on as it is", lambda offer, keys: (offer, keys)),
                ("in another's name", lambda offer, keys: ({**offer, "issuer": rogue.origin}, keys)),
                ("altered", lambda offer, keys: altered({**offer, "issuer": rogue.origin}, keys)),
                ("of no known key", lambda offer, keys: ({**offer, "issuer": rogue.origin}, {"keys": []})),
                ("none", lambda offer, keys: ({key: value for key, value in {**offer, "issuer": rogue.origin}.items() if key != "record"}, keys)),
            ):
                rogue.bend = bend
                self.wallet.open(self.provider.sign_in_link(rogue.take(page.address)))
                self.opened()
                said = self.wallet.failure()
                self.report.check(f"{what}: refused", "Nothing was sent" in said and not self.browser.all("#sign-in-form"), said)
                self.report.check(f"{what}: no proof went there", rogue.seen and not any(line.startswith("POST") for line in rogue.seen), rogue.seen)
                self.report.shot(self.browser, what)
                self.browser.click("#to-home")
            self.report.say("refused before anything is proved: " + "passed on, in another's name, altered, of no known key, none")
        finally:
            rogue.end()

    def framed(self):
        """Nobody shows the wallet inside of a page of his own."""
        self.report.begin("framed")
        address = self.provider.wallet

        class Page(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(f'<!doctype html><title>A page</title><iframe id="frame" src="{address}/" width="900" height="600"></iframe>'.encode())

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            self.browser.open(f"http://localhost:{server.server_port}/")
            frame = self.browser.find("#frame")
            time.sleep(2)
            self.report.shot(self.browser, "in a frame")
            self.browser.driver.switch_to.frame(frame)
            shown = self.browser.run("return [location.href, !!document.getElementById('main')]")
            self.browser.driver.switch_to.default_content()
            self.report.check("nothing of it is in the frame", shown[1] is False and address not in shown[0], shown)
            self.browser.complaints()
        finally:
            server.shutdown()
        self.report.say("nothing of it is shown")

    def measured(self):
        """How long one waits; printed, and held against bounds that only a mistake exceeds."""
        self.report.begin("measured")
        ready, opened, proved, whole = [], [], [], []

        def first(seen, beginning):
            return next(time for what, time in seen if what.startswith(beginning))
        for _ in range(5):
            self.wallet.open()
            self.opened()
            self.wallet.lock()
            self.wallet.open()
            self.browser.find("#unlock-form")
            ready.append(first(self.wallet.seen(), "#unlock-form"))
            began = self.browser.run("return performance.now()")
            self.wallet.unlock(PASSPHRASE)
            self.browser.find("#credential-0-state")
            opened.append(first(self.wallet.seen(), "#credential-0-state") - began)
            page = self.begin()
            self.opened()
            self.wallet.asked()
            self.wallet.agree()
            self.finish(page)
            # Where the tab's memory can be read, and the page does not begin to look anew.
            self.browser.open(self.provider.wallet + "/manifest.webmanifest")
            seen = self.wallet.seen()
            start = first(seen, "Computing")
            proved.append(first(seen, "Sending") - start)
            whole.append(first(seen, "#way-on") - start)
        median = statistics.median
        self.report.say(f"first view after {median(ready):.0f} ms; open {median(opened):.0f} ms after the passphrase; proof {median(proved):.0f} ms, "
                        f"accepted {median(whole):.0f} ms after its begin; load {os.getloadavg()[0]:.1f}")
        self.report.check("the page is ready soon", median(ready) < READY * 1000, ready)
        self.report.check("the proof is there soon", median(proved) < PROVED * 1000, proved)

"""The wallet's page as a member uses it, alone: no service answers."""
import glob
import json
import os
import re
import shutil
import subprocess

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from looks import FOCUS, Looks
from server import Server

PASSPHRASE = "correct horse battery staple"
OTHER = "eleven blue umbrellas sing"
COMMUNITY = "ab" * 32
CODE = "0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV"
# A place on this machine where nobody answers.
NOWHERE = "http://127.0.0.1:9"
CLAIM = f"claim={CODE}&service=http%3A%2F%2F127.0.0.1%3A9&community={COMMUNITY}"
HANDLE = "A" * 43
TOP_UP = CLAIM.replace("claim=", "top-up=")
NONCE = "0f" * 32
REQUEST = f"request={NONCE}&service=http%3A%2F%2F127.0.0.1%3A9&audience={COMMUNITY}"
# Links that are not what they ought to be; page_tests.js has more.
HOSTILE = {
    "a way back that is a script": f"{REQUEST}&return=javascript%3Aalert(1)", "a way back in the clear": f"{REQUEST}&return=http%3A%2F%2Fforum.example.org%2F",
    "a way back with a name": f"{REQUEST}&return=https%3A%2F%2Fforum.example.org%40evil.example%2F", "a service that is a script": REQUEST.replace("http%3A%2F%2F127.0.0.1%3A9", "javascript%3A1"),
    "a nonce with a path": REQUEST.replace(NONCE, f"..%2F{NONCE}"), "two services": f"{REQUEST}&service=https%3A%2F%2Fid.example.org", "a part too many": f"{REQUEST}&answer=yes",
    "a top-up without a community": TOP_UP.split("&community")[0], "a claim that is a top-up too": f"{CLAIM}&top-up={CODE}",
}
SIGN_IN = f"sign-in=http%3A%2F%2F127.0.0.1%3A9%2Fsign-in%2F{HANDLE}"
# Chromium for Linux has a camera and no reader of codes: this one reads what the test lays before it.
READER = """
globalThis.BarcodeDetector = class {
  async detect(video) {
    if (!(video instanceof HTMLVideoElement) || video.videoWidth === 0) throw new Error('there is no picture');
    return globalThis.lying ? [{ rawValue: globalThis.lying }] : [];
  }
};
"""
# No service tells of bans here: to some questions the answers are the test's, and stand in the tab's own store, for a page that is loaded again.
ANSWERS = """
globalThis.asked = [];
const post = Worker.prototype.postMessage;
Worker.prototype.postMessage = function (message, ...rest) {
  const given = JSON.parse(sessionStorage.getItem('answers') ?? '{}');
  let answer = given[message.op];
  if (!answer) return post.call(this, message, ...rest);
  globalThis.asked.push(message);
  if (message.op === 'forget-appeal') {
    for (const name of ['bans', 'appeals']) given.appeals.ok[name] = given.appeals.ok[name].filter(({ id }) => id !== message.args.id);
    sessionStorage.setItem('answers', JSON.stringify(given));
  }
  setTimeout(() => this.onmessage({ data: { id: message.id, ...answer } }));
};
"""
DELETE_STORE = "const done = arguments[0]; const request = indexedDB.deleteDatabase('symbolon-wallet'); request.onsuccess = request.onerror = () => done(request.error);"


class WalletChecks(Looks):
    def __init__(self, report, browser, files, symbolon, folder):
        self.report, self.browser, self.files, self.symbolon, self.folder = report, browser, files, symbolon, folder
        self.downloads = os.path.join(folder, "downloads")
        os.makedirs(self.downloads)
        browser.driver.set_script_timeout(60)
        self.server = Server(files)

    def all(self):
        self.report.go_to("The wallet's page", "wallet")
        try:
            self.integrity()
            self.make()
            self.unlock()
            self.sessions()
            self.looks()
            self.links()
            self.requests()
            self.appeals()
            self.camera()
            self.tabs()
            self.passkey()
            self.passphrase()
            self.backup()
            self.command_line()
            self.words()
            self.lost()
            self.languages()
            self.interrupted()
            self.keyboard()
            self.offline()
            self.update()
        finally:
            self.server.close()

    # Steps.

    def open(self, fragment=""):
        """The page, loaded anew."""
        self.browser.open("about:blank")
        self.browser.open(f"{self.server.origin}/{'#' + fragment if fragment else ''}")

    def title(self, expected):
        self.browser.wait_for(lambda: self.browser.find("#title").text == expected, f"the page is not: {expected}")

    def begin_making(self):
        self.browser.click("#make-wallet")
        self.title("Your 24 words")
        words = [one.text for one in self.browser.all("#words li")]
        self.report.check("there are 24 words", len(words) == 24 and all(words), len(words))
        self.browser.click("#words-written")
        self.title("Are the words right?")
        return words

    def fill_words(self, words):
        for field in self.browser.all("#check-form input"):
            field.clear()
            field.send_keys(words[int(field.get_attribute("id").split("-")[1]) - 1])
        self.browser.click("#check-words")

    def choose(self, passphrase, again=None):
        self.browser.type("#new-passphrase", passphrase)
        self.browser.type("#new-passphrase-again", passphrase if again is None else again)

    def make_wallet(self):
        words = self.begin_making()
        self.fill_words(words)
        self.choose(PASSPHRASE)
        self.browser.click("#keep-wallet")
        self.title("Your credentials")
        return words

    def lock(self):
        self.browser.click("#lock")
        self.title("Unlock your wallet")

    def enter(self, passphrase=PASSPHRASE):
        self.browser.type("#passphrase", passphrase, enter=True)

    def delete(self):
        self.browser.run("location.hash = '#delete'")
        self.title("Delete the wallet from this browser")
        self.browser.click("#agree-delete")
        self.browser.click("#delete-everything")
        self.title("Welcome")

    def shown_words(self, passphrase=PASSPHRASE):
        self.browser.run("location.hash = '#words'")
        self.browser.type("#passphrase", passphrase, enter=True)
        self.browser.find("#words")
        words = [one.text for one in self.browser.all("#words li")]
        self.browser.click("#back")
        self.title("Settings")
        return words

    def announced(self, text):
        self.browser.wait_for(lambda: self.browser.find("#announcement").text == text, f"it is not announced: {text}")

    def fails(self, field, text):
        """A field that is wrong: it is said, heard, tied to it, and one is there."""
        self.browser.wait_for(lambda: text in self.browser.find(f"#{field}-error").text, f"{field} does not say: {text}")
        own = self.browser.find(f"#{field}")
        self.report.check(f"{field} is marked", own.get_attribute("aria-invalid") == "true")
        self.report.check(f"{field} names what is wrong", f"{field}-error" in own.get_attribute("aria-describedby").split())
        self.report.check(f"one is at {field}", self.browser.run("return document.activeElement.id") == field)

    def quiet(self, *expected):
        """The browser complains of nothing but what is expected."""
        complaints = [line for line in self.browser.complaints() if not any(text in line for text in expected)]
        self.report.check("the browser complains of nothing", not complaints, complaints)

    # What is looked at.

    def integrity(self):
        """Altered on the way, a file is not taken."""
        self.report.begin("integrity")
        for kind in ("page", "worker", "wallet", "en", "style"):
            [path] = glob.glob(os.path.join(self.files, f"{kind}.*[0-9a-f].*"))[:1]
            path = next(one for one in glob.glob(os.path.join(self.files, f"{kind}.*")) if not one.endswith(".gz"))
            with open(path, "rb") as file:
                content = file.read()
            name = os.path.basename(path)
            mime = {".js": "text/javascript", ".wasm": "application/wasm", ".json": "application/json", ".css": "text/css"}[os.path.splitext(name)[1]]
            server = Server(self.files, {f"/{name}": (content + b" ", mime)})
            try:
                self.browser.open(f"{server.origin}/")
                self.browser.complaints()
                if kind == "wallet":
                    self.browser.click("#make-wallet")
                    self.browser.find("#failure")
                elif kind in ("worker", "en"):
                    self.browser.find("#failure")
                    self.report.check(f"without {name} nothing begins", not self.browser.all("#make-wallet"))
                elif kind == "page":
                    self.browser.wait_for(lambda: f"/{name}" in server.asked, "the script is not asked for")
                    self.report.check("no script runs", not self.browser.all("#title"))
                else:
                    self.browser.find("#make-wallet")
                    self.report.check("the style is not taken", self.browser.run("return document.styleSheets.length") == 0)
            finally:
                server.close()
        self.report.say("an altered script, worker, module, style or language is refused")

    def make(self):
        self.report.begin("make")
        self.open()
        self.title("Welcome")
        self.browser.complaints()
        words = self.begin_making()
        self.fill_words(["wrong"] * 24)
        asked = [one.get_attribute("id") for one in self.browser.all("#check-form input")]
        self.report.check("three different words are asked for", len(set(asked)) == 3, asked)
        self.fails(asked[0], "That is not word")
        self.browser.click("#words-again")
        self.report.check("the words are the same", [one.text for one in self.browser.all("#words li")] == words)
        self.browser.click("#words-written")
        self.fill_words(words)
        self.title("Choose a passphrase")
        for passphrase, said in (("short", "Too short"), ("aaaaaaaaaaaa", "Easy to guess"), ("1234567890", "Easy to guess")):
            self.choose(passphrase)
            self.report.check(f"{passphrase}: there is advice", said in self.browser.find("#passphrase-advice").text)
            self.browser.click("#keep-wallet")
            self.fails("new-passphrase", said)
        self.choose(PASSPHRASE, PASSPHRASE + " ")
        self.browser.click("#keep-wallet")
        self.fails("new-passphrase-again", "not the same")
        self.choose(PASSPHRASE)
        self.report.check("a long one is good", self.browser.find("#passphrase-advice").text == "Good.")
        self.browser.click("#keep-wallet")
        self.title("Your credentials")
        page = self.browser.run("return document.documentElement.outerHTML")
        self.report.check("the words are not on the page any more", not any(re.search(rf">{word}<", page) for word in words))
        self.report.check("nothing of it is in the address", self.browser.address == self.server.origin + "/")
        stored = self.browser.run("return JSON.stringify([{...localStorage}, {...sessionStorage}])")
        self.report.check("nothing is in other stores", stored == "[{},{}]", stored)
        self.wallet_words = words
        self.quiet()
        self.report.say("words, their check, advice on the passphrase")

    def unlock(self):
        self.report.begin("unlock")
        self.browser.driver.refresh()
        self.title("Your credentials")
        self.lock()
        self.report.check("one cannot go on where it is locked", not self.browser.find("header").find_elements("css selector", "nav:not([hidden])"))
        self.browser.click("#unlock")
        self.fails("passphrase", "Type the passphrase")
        self.enter("not the passphrase")
        self.fails("passphrase", "That is not the passphrase")
        self.browser.driver.refresh()
        self.title("Unlock your wallet")
        self.enter()
        self.title("Your credentials")
        self.report.check("the new heading has the focus", self.browser.run("return document.activeElement.id") == "title")
        self.report.check("the words are those of before", self.shown_words() == self.wallet_words)
        self.quiet()
        self.report.say("a page that is loaded again is open, a locked one is not")

    def sessions(self):
        self.report.begin("sessions")
        self.browser.run("location.hash = '#settings'")
        self.title("Settings")
        self.browser.click("#minutes option[value='0']")
        self.announced("Kept.")
        self.browser.driver.refresh()
        self.title("Unlock your wallet")
        self.enter()
        self.title("Settings")
        self.browser.click("#minutes option[value='15']")
        self.announced("Kept.")
        self.browser.driver.refresh()
        self.title("Settings")
        # Time goes by while nobody is here: the stored session is moved back.
        script = """
        const done = arguments[0], open = indexedDB.open('symbolon-wallet');
        open.onsuccess = () => {
          const transaction = open.result.transaction('vault', 'readwrite'), store = transaction.objectStore('vault'), get = store.get('session');
          get.onsuccess = () => store.put({ ...get.result, begun: get.result.begun - 1000, ends: get.result.ends - 1000 }, 'session');
          transaction.oncomplete = () => { open.result.close(); done(true); };
        };"""
        self.browser.driver.execute_async_script(script)
        self.browser.driver.refresh()
        self.title("Unlock your wallet")
        self.enter()
        self.title("Settings")
        self.report.say("none, fifteen minutes, and one that is over")

    def looks(self):
        """Each page in light and dark, narrow, and by axe's rules; they can be seen to fail in Scripts/end-to-end."""
        self.report.begin("looks")
        for place, title in (("", "Your credentials"), ("claim", "Claim a credential"), ("find", "Look for my credentials"), ("history", "History"), ("settings", "Settings"),
                             ("backup", "Save a backup file"), ("words", "Show the 24 words"), ("passphrase", "Change the passphrase"), ("passkey", "Add a passkey"),
                             ("delete", "Delete the wallet from this browser"), (CLAIM, "Claim this credential?")):
            self.open(place)
            self.inspect(re.sub(r"\W.*", "", place) or "home", title)
        self.browser.click("#claim")
        self.browser.find("#failure")
        self.inspect("claim failed", "It was not claimed")
        self.browser.click("#leave-task")
        self.open(SIGN_IN)
        self.browser.find("#failure")
        self.inspect("sign-in refused", "You are not signed in")
        self.browser.click("#to-home")
        self.title("Your credentials")
        self.open(f"{REQUEST}&return=https%3A%2F%2Fforum.example.org%2Ftopic")
        self.browser.find("#failure")
        self.inspect("request refused", "There is no answer")
        self.browser.click("#to-home")
        self.title("Your credentials")
        self.open(TOP_UP)
        self.inspect("top-up", "Add to your credential?")
        self.browser.click("#leave-task")
        self.title("Your credentials")
        self.lock()
        self.enter("not the passphrase")
        self.fails("passphrase", "That is not the passphrase")
        self.inspect("wrong passphrase", "Unlock your wallet")
        self.enter()
        self.title("Your credentials")
        self.quiet("net::ERR_UNSAFE_PORT", "Failed to fetch", "net::ERR_CONNECTION_REFUSED")
        self.report.say("axe finds nothing, light and dark; nothing moves; 320 pixels are enough")

    def links(self):
        self.report.begin("links")
        self.lock()
        self.open(CLAIM)
        self.title("Unlock your wallet")
        self.report.check("the link is out of the address at once", self.browser.address == self.server.origin + "/", self.browser.address)
        self.report.check("why one is here is said", "Then you can claim your credential." in self.browser.text)
        self.browser.driver.refresh()
        self.title("Unlock your wallet")
        self.enter()
        self.title("Claim this credential?")
        self.report.check("who issues is shown", self.browser.find("#claim-from").text == NOWHERE and self.browser.find("#claim-for").text == COMMUNITY)
        self.browser.driver.refresh()
        self.title("Claim this credential?")
        self.browser.click("#leave-task")
        self.title("Your credentials")
        self.browser.driver.refresh()
        self.title("Your credentials")
        self.browser.run("history.back()")
        self.browser.wait_for(lambda: CODE not in self.browser.run("return location.href + JSON.stringify(history.state)"), "the code is in the history")
        self.open("claim=nonsense")
        self.browser.find("#bad-link")
        self.report.check("nonsense is out of the address", self.browser.address == self.server.origin + "/")
        # In an open page, as a handler, and typed.
        self.browser.run(f"location.hash = '#link=' + encodeURIComponent('web+symbolon:{CLAIM}')")
        self.title("Claim this credential?")
        self.browser.click("#leave-task")
        self.title("Your credentials")
        self.browser.click("#to-claim")
        self.title("Claim a credential")
        self.browser.type("#link", "https://example.org/", enter=True)
        self.fails("link", "This is not a link that the wallet knows")
        self.browser.click("#by-hand summary")
        self.browser.type("#claim-code", "0123", enter=True)
        self.fails("claim-code", "A claim code has 28")
        self.browser.type("#claim-code", CODE)
        self.browser.type("#claim-service", "http://example.org", enter=True)
        self.fails("claim-service", "An address such as")
        self.browser.type("#claim-service", NOWHERE)
        self.browser.type("#claim-community", "x", enter=True)
        self.fails("claim-community", "An id has 64")
        self.browser.type("#claim-community", COMMUNITY, enter=True)
        self.title("Claim this credential?")
        self.browser.click("#claim")
        self.title("It was not claimed")
        self.report.check("what to do is said", "cannot be reached" in self.browser.find("#failure").text)
        self.browser.click("#leave-task")
        self.title("Your credentials")
        self.browser.complaints()
        self.report.say("by link, as a handler, by hand; locked, open, and loaded again")

    def requests(self):
        """Links to requests and top-ups: held against their form, and the way back is one that the member goes himself."""
        self.report.begin("requests")
        for what, link in HOSTILE.items():
            self.open(link)
            self.browser.find("#bad-link")
            self.title("Your credentials")
            self.report.check(f"{what} is out of the address", self.browser.address == self.server.origin + "/", self.browser.address)
            self.report.check(f"{what} is kept nowhere", self.browser.run("return JSON.stringify({...sessionStorage})") == "{}")
        self.lock()
        for link, said in ((REQUEST, "Then you see who asks you and what for, and decide."), (TOP_UP, "Then you can add the code to your credential.")):
            self.open(link)
            self.title("Unlock your wallet")
            self.report.check("the link is out of the address at once", self.browser.address == self.server.origin + "/", self.browser.address)
            self.report.check("why one is here is said", said in self.browser.text)
        self.enter()
        self.title("Add to your credential?")
        shown = self.browser.find("#top-up-from").text, self.browser.find("#top-up-for").text
        self.report.check("it says whose", shown == (NOWHERE, COMMUNITY), shown)
        self.report.check("without a credential nothing can be added", not self.browser.all("#top-up") and "has no credential" in self.browser.find("#failure").text)
        self.browser.driver.refresh()
        self.title("Add to your credential?")
        self.browser.click("#to-claim")
        self.title("Claim a credential")
        # Pasted.
        self.browser.type("#link", f"web+symbolon:{REQUEST}", enter=True)
        self.title("There is no answer")
        self.report.check("why, and that one can try again", "cannot be reached" in self.browser.find("#failure").text and self.browser.all("#again"))
        self.report.check("no way back is made up", not self.browser.all("#return") and "page or tab where you began" in self.browser.text)
        back = Server(self.files, {"/topic": (b"<!doctype html><title>A forum</title><h1 id=title>The forum</h1>", "text/html")})
        try:
            address = f"{back.origin}/topic?page=7"
            self.open(f"{REQUEST}&return={address.replace(':', '%3A').replace('/', '%2F').replace('?', '%3F').replace('=', '%3D')}")
            self.title("There is no answer")
            link = self.browser.find("#return")
            self.report.check("where it leads is said", link.text == f"Back to {back.origin}" and link.get_attribute("href") == address, link.text)
            self.report.check("nobody is led there", back.asked == [] and self.browser.address == self.server.origin + "/", back.asked)
            self.browser.driver.refresh()
            self.title("There is no answer")
            self.tab_to("return")
            self.press(Keys.ENTER)
            self.title("The forum")
            found = self.browser.address, self.browser.run("return document.referrer"), [path for path in back.asked if path != "/favicon.ico"]
            self.report.check("it leads to that address and tells nothing", found == (address, "", ["/topic"]), found)
        finally:
            back.close()
        self.open()
        self.title("There is no answer")
        self.browser.click("#to-home")
        self.title("Your credentials")
        self.browser.run("location.hash = '#history'")
        self.title("History")
        self.report.check("a service that is not there is no refusal", self.browser.all("#history-empty"))
        self.quiet("net::ERR_UNSAFE_PORT", "Failed to fetch", "net::ERR_CONNECTION_REFUSED", "favicon.ico")
        self.report.say("hostile ones are none; pasted, locked, loaded again; back by the member's own hand")

    def appeals(self):
        """A ban that was told, what is said against it, and how that stands."""
        self.report.begin("appeals")
        place = {"service": NOWHERE, "audience": "cd" * 32, "community": COMMUNITY, "forum": "The Forum", "time": 1_790_000_000}
        ban = {**place, "id": "b1", "reason": "Insults after three warnings.", "until": 1_800_000_000}
        banned = {"error": {"code": "banned", "refusedBy": "service", "status": 403, "reason": ban["reason"], "until": ban["until"], "signInCode": "7KQ2-M4XZ", "ban": "b1"}}

        def entry(name, state, text="I quoted.\nRead it again.", answer=None, refusal=None):
            return {**place, "id": name, "text": text, "state": state, "answer": answer, "refusal": refusal}

        def answers(bans, said, told=None, offer=None):
            given = {"appeals": {"ok": {"bans": bans, "appeals": said}}, "forget-appeal": {"ok": None}, "stay": {"ok": None}, "appeal": told, "offer": offer}
            self.browser.run("sessionStorage.setItem('answers', arguments[0])", json.dumps({name: one for name, one in given.items() if one}))

        def write(text):
            self.browser.run("const field = document.getElementById('appeal-text'); field.value = arguments[0]; field.dispatchEvent(new Event('input'))", text)

        def again(fragment):
            """The same tab, loaded anew: another page would have a store of its own."""
            self.browser.run("history.replaceState(null, '', '#' + arguments[0])", fragment)
            self.browser.driver.refresh()

        def asked(op):
            return self.browser.run("return asked.filter((one) => one.op === arguments[0]).map((one) => one.args)", op)

        own = self.browser.command("Page.addScriptToEvaluateOnNewDocument", source=ANSWERS)["identifier"]
        self.open()
        self.title("Your credentials")
        self.report.check("who was never banned hears nothing of it", not self.browser.all("#to-appeals"))
        # From the refusal to what is to be written, by keys.
        answers([ban], [], offer=banned)
        self.open(SIGN_IN)
        self.browser.find("#failure")
        self.report.check("reason and end are said", all(text in self.browser.find("#failure").text for text in ("Insults after three warnings.", "2027")))
        self.inspect("banned", "You are not signed in")
        self.browser.run("document.getElementById('title').focus()")
        self.tab_to("appeal")
        self.press(Keys.ENTER)
        self.title("Appeal at The Forum")
        self.report.check("one is at the heading", self.browser.run("return document.activeElement.id") == "title")
        for said in ("that it comes from the pseudonym that is banned", "Nothing else: not who you are", "Somebody else than who banned you decides",
                     "One appeal may be open at a time, and three there may be against one ban", NOWHERE):
            self.report.check(f"it is said: {said}", said in self.browser.text)
        self.inspect("appeal", "Appeal at The Forum")
        self.browser.click("#send-appeal")
        self.fails("appeal-text", "Write what you have to say")
        write("x" * 4001)
        self.announced("Bytes too many: 1. A letter from a to z takes one, a Chinese character three.")
        self.browser.click("#send-appeal")
        self.fails("appeal-text", "That is too long")
        self.inspect("appeal too long", "Appeal at The Forum")
        write("長" * 1333)
        self.report.check("bytes are counted, not letters", self.browser.find("#appeal-text-hint").text.startswith("Bytes left: 1."))
        self.announced("Bytes left: 1. A letter from a to z takes one, a Chinese character three.")
        write("I\tdid\u200b nothing.")
        self.announced("")
        self.browser.click("#send-appeal")
        self.fails("appeal-text", "Characters that nobody sees were taken out")
        self.report.check("what is seen stays", self.browser.find("#appeal-text").get_property("value") == "I did nothing.")
        self.report.check("nothing was sent", asked("appeal") == [])
        # What was written is not lost: in another language, when it is refused, and when the wallet is locked.
        self.browser.click("#language option[value='zh-Hant']")
        self.title("向 The Forum 提出申訴")
        self.inspect("Chinese appeal", "提出申訴")
        self.browser.click("#language option[value='en']")
        self.title("Appeal at The Forum")
        self.report.check("it is there in another language", self.browser.find("#appeal-text").get_property("value") == "I did nothing.")
        leaving = "return !dispatchEvent(new Event('beforeunload', { cancelable: true }))"
        self.report.check("who leaves is warned", self.browser.run(leaving))
        self.browser.run("const now = Date.now; Date.now = () => now() + 61_000")
        write("I did nothing.")
        self.report.check("who writes uses the wallet", len(asked("stay")) == 1, asked("stay"))
        answers([ban], [], {"error": {"code": "appeal-open", "refusedBy": "service", "status": 409}}, banned)
        self.browser.run("document.getElementById('appeal-text').focus()")
        self.press(Keys.END, " Really.")
        self.tab_to("send-appeal")
        self.press(Keys.ENTER)
        self.browser.wait_for(lambda: "Another appeal against this ban waits" in self.browser.find("#failure").text, "the refusal is not shown")
        whole = {**{name: place[name] for name in ("service", "audience", "community")}, "text": "I did nothing. Really."}
        self.report.check("it is sent as it was written", asked("appeal") == [whole], asked("appeal"))
        self.report.check("what the wallet keeps needs no warning", not self.browser.run(leaving))
        self.inspect("appeal refused", "Appeal at The Forum")
        self.lock()
        self.report.check("a locked wallet shows nothing of it", "Really" not in self.browser.run("return document.documentElement.outerHTML"))
        self.enter()
        self.title("Your credentials")
        self.browser.click("#to-appeals")
        self.title("Bans and appeals")
        self.browser.click("#appeal-0")
        self.title("Appeal at The Forum")
        self.report.check("it is there when the wallet was locked", self.browser.find("#appeal-text").get_property("value") == "I did nothing. Really.")
        answers([ban], [entry("a1", "open", "I did nothing. Really.")], {"ok": {"state": "open", "answer": None}}, banned)
        self.browser.click("#send-appeal")
        self.title("Bans and appeals")
        self.report.check("how it stands is said", self.browser.find("#done").text == "Your appeal waits for its decision.")
        self.report.check("and no other begins meanwhile", not self.browser.all("#appeal-0"))
        self.inspect("appeal open", "Bans and appeals")
        # Later, with no sign-in open: another page, and the same text.
        answers([ban], [entry("a1", "open", "I did nothing. Really.")], {"ok": {"state": "granted", "answer": "You did\nnothing."}})
        again("appeal")
        self.title("Bans and appeals")
        self.browser.run("document.getElementById('title').focus()")
        self.tab_to("Ask how it stands")
        answers([], [entry("a1", "granted", "I did nothing. Really.", "You did\nnothing.")], {"ok": {"state": "granted", "answer": "You did\nnothing."}})
        self.press(Keys.ENTER)
        self.browser.wait_for(lambda: "the ban is lifted" in self.browser.find("#done").text, "the decision is not told")
        self.report.check("the same text was asked for", [one["text"] for one in asked("appeal")] == ["I did nothing. Really."])
        self.report.check("the answer has its lines", self.browser.find(".said").text == "You did\nnothing.")
        # A decision is asked for once: the same words bring the same.
        answers([ban], [entry("a1", "refused", "I did nothing.", "No.")])
        again("appeals")
        self.browser.click("#appeal-0")
        self.title("Appeal at The Forum")
        write(" I did nothing.\n")
        self.browser.click("#send-appeal")
        self.fails("appeal-text", "You said exactly this before")
        write("I did nothing, indeed.")
        self.browser.click("#back")
        self.title("Bans and appeals")
        self.browser.click("#appeal-0")
        self.title("Appeal at The Forum")
        self.report.check("who goes back does not mean it", self.browser.find("#appeal-text").get_property("value") == "")
        # All states, long words, a forum whose name nobody knows, a service that does not answer.
        other = {**entry("a7", "open"), "forum": None, "audience": "ef" * 32}
        every = [entry("a1", "unsent", "x" * 600, refusal="appeal-open"), entry("a2", "unanswered"), entry("a3", "open"), entry("a4", "granted", answer="<b>Yes.</b>"),
                 entry("a5", "refused", answer="y" * 400), entry("a6", "unsent"), other]
        answers([ban, {**ban, "id": "b2", "audience": "01" * 32, "until": None}], every, {"error": {"code": "service-unreachable", "host": "127.0.0.1:9"}})
        again("appeals")
        self.browser.wait_for(lambda: len(self.browser.all(".appeal")) == 7, "they are not all there")
        for one in self.browser.all("summary"):
            one.click()
        self.report.check("texts are no markup", not self.browser.all(".said b") and "<b>Yes.</b>" in self.browser.text)
        self.report.check("what is decided is not asked for", len(self.browser.all(".again")) == 5)
        self.inspect("appeals", "Bans and appeals")
        self.browser.click("[data-state='unanswered'] .again")
        self.browser.wait_for(lambda: "cannot be reached" in self.browser.find("#trouble").text, "it is not said that nobody answers")
        self.browser.click("[data-state='refused'] .quiet")
        self.browser.wait_for(lambda: not self.browser.all("[data-state='refused']"), "it is not deleted")
        self.browser.click("#forget-ban-1")
        self.browser.wait_for(lambda: len(self.browser.all(".card")) == 2, "the ban is not deleted")
        self.report.check("what was meant", asked("forget-appeal") == [{"id": "a5"}, {"id": "b2"}], asked("forget-appeal"))
        self.browser.click("#language option[value='zh-Hant']")
        self.inspect("Chinese appeals", "停權與申訴")
        self.browser.click("#language option[value='en']")
        self.title("Bans and appeals")
        self.browser.run("sessionStorage.clear()")
        self.browser.command("Page.removeScriptToEvaluateOnNewDocument", identifier=own)
        self.open("appeals")
        self.title("Bans and appeals")
        self.report.check("a wallet that knows of none says so", self.browser.find("#appeals-empty").text == "There is nothing here.")
        self.quiet()
        self.report.say("from a refusal, later, in each state; by keys, in both languages; nothing that was written is lost")

    def camera(self):
        self.report.begin("camera")
        self.open("claim")
        self.title("Claim a credential")
        self.report.check("where no code can be read no camera is offered", not self.browser.all("#camera"))
        own = self.browser.command("Page.addScriptToEvaluateOnNewDocument", source=READER)["identifier"]
        self.open("claim")
        self.browser.click("#camera")
        self.browser.wait_for(lambda: self.browser.run("return document.getElementById('camera-picture')?.videoWidth > 0"), "there is no picture")
        self.inspect("camera", "Claim a credential")
        self.browser.run("globalThis.stream = document.getElementById('camera-picture').srcObject; globalThis.lying = 'https://example.org/'")
        self.browser.click("#camera-stop")
        self.report.check("it is off", self.browser.run("return stream.getTracks().every((track) => track.readyState == 'ended')"))
        self.browser.click("#camera")
        self.browser.wait_for(lambda: self.browser.run("return document.getElementById('camera-picture')?.videoWidth > 0"), "there is no picture")
        self.browser.run(f"globalThis.stream = document.getElementById('camera-picture').srcObject; globalThis.lying = 'https://wallet.example/#{CLAIM}'")
        self.title("Claim this credential?")
        self.report.check("it is off once it has read", self.browser.run("return stream.getTracks().every((track) => track.readyState == 'ended')"))
        self.browser.click("#leave-task")
        self.title("Your credentials")
        self.browser.command("Page.removeScriptToEvaluateOnNewDocument", identifier=own)
        self.quiet()
        self.report.say("another code is passed over, a claim link is taken, and it is switched off")

    def tabs(self):
        self.report.begin("tabs")
        first = self.browser.driver.current_window_handle
        self.browser.driver.switch_to.new_window("tab")
        second = self.browser.driver.current_window_handle
        self.open()
        self.title("The wallet is open in another tab")
        self.inspect("elsewhere", "The wallet is open in another tab")
        self.browser.click("#take-over")
        self.title("Your credentials")
        self.browser.driver.switch_to.window(first)
        self.title("The wallet is open in another tab")
        self.browser.click("#take-over")
        self.title("Your credentials")
        self.browser.run("location.hash = '#settings'")
        self.browser.click("#minutes option[value='60']")
        self.announced("Kept.")
        self.browser.driver.switch_to.window(second)
        self.title("The wallet is open in another tab")
        self.browser.driver.close()
        self.browser.driver.switch_to.window(first)
        # A tab that holds it is closed: the next finds it free.
        self.browser.driver.switch_to.new_window("tab")
        self.browser.driver.switch_to.window(first)
        self.browser.driver.close()
        self.browser.driver.switch_to.window(self.browser.driver.window_handles[0])
        self.open()
        self.title("Your credentials")
        self.quiet()
        self.report.say("one holds the wallet, another takes it over, and nothing is lost")

    def passkey(self):
        self.report.begin("passkey")
        self.browser.command("WebAuthn.enable")
        key = self.browser.command("WebAuthn.addVirtualAuthenticator", options={
            "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "hasPrf": True,
            "automaticPresenceSimulation": True, "isUserVerified": True})["authenticatorId"]
        self.open("passkey")
        self.title("Add a passkey")
        self.enter("not the passphrase")
        self.fails("passphrase", "That is not the passphrase")
        self.enter()
        self.title("Settings")
        self.announced("The passkey was added.")
        self.report.check("it is listed", len(self.browser.all("#passkeys li")) == 1)
        self.inspect("with passkey", "Settings")
        self.lock()
        self.browser.click("#unlock-passkey")
        self.title("Your credentials")
        self.lock()
        self.browser.command("WebAuthn.setUserVerified", authenticatorId=key, isUserVerified=False)
        self.browser.click("#unlock-passkey")
        self.announced("The passkey was not used.")
        self.browser.command("WebAuthn.setUserVerified", authenticatorId=key, isUserVerified=True)
        self.enter()
        self.title("Your credentials")
        self.browser.click("nav a[href='#settings']")
        self.browser.click("#remove-passkey-0")
        self.announced("The passkey opens the wallet no more. You can delete it where the device keeps its passkeys.")
        self.lock()
        self.report.check("it is not offered any more", not self.browser.all("#unlock-passkey"))
        self.enter()
        self.title("Your credentials")
        # One that cannot do it.
        self.browser.command("WebAuthn.removeVirtualAuthenticator", authenticatorId=key)
        key = self.browser.command("WebAuthn.addVirtualAuthenticator", options={
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "automaticPresenceSimulation": True,
            "isUserVerified": True})["authenticatorId"]
        self.browser.click("nav a[href='#settings']")
        self.browser.click("#to-passkey")
        self.enter()
        self.browser.wait_for(lambda: "cannot be used to open a wallet" in self.browser.find("#failure").text, "it is not said that the passkey is of no use")
        self.browser.command("WebAuthn.removeVirtualAuthenticator", authenticatorId=key)
        self.browser.command("WebAuthn.disable")
        self.quiet()
        self.report.say("added, used, declined, removed, and one without the output")

    def passphrase(self):
        self.report.begin("passphrase")
        self.open("passphrase")
        self.title("Change the passphrase")
        self.browser.type("#passphrase", "not the passphrase")
        self.choose(OTHER)
        self.browser.click("#change")
        self.fails("passphrase", "That is not the passphrase")
        self.enter()
        self.title("Settings")
        self.lock()
        self.enter()
        self.fails("passphrase", "That is not the passphrase")
        self.enter(OTHER)
        self.title("Your credentials")
        self.browser.click("nav a[href='#settings']")
        self.browser.click("#to-passphrase")
        self.title("Change the passphrase")
        self.browser.type("#passphrase", OTHER)
        self.choose(PASSPHRASE)
        self.browser.click("#change")
        self.title("Settings")
        self.quiet()
        self.report.say("changed, and back")

    def save_backup(self):
        for old in glob.glob(os.path.join(self.downloads, "*")):
            os.remove(old)
        # Said anew each time: it is forgotten with the tab that it was said to.
        self.browser.command("Browser.setDownloadBehavior", behavior="allow", downloadPath=self.downloads)
        self.browser.run("location.hash = '#backup'")
        self.title("Save a backup file")
        self.enter()
        self.announced("The file was saved to your downloads.")
        [path] = self.browser.wait_for(lambda: glob.glob(os.path.join(self.downloads, "*.wallet")), "there is no file")
        return path

    def restore(self, path, passphrase=PASSPHRASE):
        self.browser.click("#bring-back")
        self.title("Bring a wallet back")
        self.browser.find("#backup-file").send_keys(path)
        self.browser.type("#file-passphrase", passphrase)
        self.browser.click("#restore-file")

    def backup(self):
        self.report.begin("backup")
        path = self.save_backup()
        self.browser.run("location.hash = '#delete'")
        self.title("Delete the wallet from this browser")
        self.browser.click("#delete-everything")
        self.report.check("one has to agree", self.browser.find("#agree-missing").is_displayed() and self.browser.run("return document.activeElement.id") == "agree-delete")
        self.delete()
        self.inspect("welcome", "Welcome")
        self.browser.driver.refresh()
        self.title("Welcome")
        self.restore(path, "not the passphrase")
        self.fails("file-passphrase", "The passphrase is wrong, or the file was changed")
        self.inspect("bring back", "Bring a wallet back")
        other = os.path.join(self.folder, "other.wallet")
        with open(other, "wb") as file:
            file.write(b"something else" * 10)
        self.browser.driver.refresh()
        self.title("Bring a wallet back")
        self.browser.find("#backup-file").send_keys(other)
        self.browser.type("#file-passphrase", PASSPHRASE, enter=True)
        self.fails("backup-file", "This is not a wallet's backup file")
        self.browser.click("#make-stop")
        self.title("Welcome")
        self.restore(path)
        self.title("Your credentials")
        self.report.check("it is the same wallet", self.shown_words() == self.wallet_words)
        self.browser_file = shutil.copy(path, os.path.join(self.folder, "browser.wallet"))
        self.quiet()
        self.report.say("saved, everything deleted, brought back")

    def command_line(self):
        """What one writes the other opens."""
        self.report.begin("command line")
        if not self.symbolon:
            self.report.say("not tried: no program was given")
            return
        environment = {**os.environ, "SYMBOLON_PASSPHRASE": PASSPHRASE}
        run = lambda *given: subprocess.run([self.symbolon, "wallet", *given], env=environment, capture_output=True, text=True, cwd=self.folder)
        shown = run("show", "--wallet", self.save_backup(), "--json")
        self.report.check("the command line opens the browser's file", shown.returncode == 0 and json.loads(shown.stdout)["credentials"] == [], shown.stderr)
        made = run("init", "--wallet", "made.wallet", "--json")
        words = json.loads(made.stdout)["phrase"].split()
        self.delete()
        self.restore(os.path.join(self.folder, "made.wallet"))
        self.title("Your credentials")
        self.report.check("the browser opens the command line's file", self.shown_words() == words)
        self.delete()
        self.restore(self.browser_file)
        self.title("Your credentials")
        self.report.say("a file goes both ways")

    def words(self):
        self.report.begin("words")
        self.delete()
        self.open(REQUEST)
        self.title("Welcome")
        self.report.check("who has no wallet is told what he needs", "A forum asks you for an answer" in self.browser.text)
        self.browser.run("sessionStorage.clear()")
        self.open()
        self.browser.click("#bring-back")
        self.title("Bring a wallet back")
        words = list(self.wallet_words)
        for typed, said in (("one two three", "These are not 24 words"), (" ".join(words[:5] + ["symbolom"] + words[6:]), "Word 6, “symbolom”"),
                            (" ".join(["zoo"] * 24), "do not belong together")):
            self.browser.type("#phrase", typed)
            self.browser.click("#restore-words")
            self.fails("phrase", said)
        self.inspect("wrong words", "Bring a wallet back")
        self.browser.type("#phrase", "  ".join(words).upper())
        self.browser.click("#restore-words")
        self.title("Choose a passphrase")
        self.choose(PASSPHRASE)
        self.browser.click("#keep-wallet")
        self.title("Look for my credentials")
        self.report.check("it is the same wallet", self.shown_words() == self.wallet_words)
        self.quiet()
        self.report.say("brought back from 24 words")

    def lost(self):
        """The browser deletes what was stored: while the page is open, and while it is not."""
        self.report.begin("lost")
        self.open("settings")
        self.title("Settings")
        self.browser.driver.execute_async_script(DELETE_STORE)
        self.browser.click("#minutes option[value='5']")
        self.browser.wait_for(lambda: "The browser has deleted what was stored" in self.browser.find("#failure").text, "nobody says that it is gone")
        self.inspect("storage lost", "Settings")
        self.browser.open(self.server.origin + "/")
        self.title("Welcome")
        self.report.check("what to do is said", "Bring it back from your backup file or from your 24 words" in self.browser.text)
        self.restore(self.browser_file)
        self.title("Your credentials")
        # Damage is not a wrong passphrase.
        script = """
        const done = arguments[0], open = indexedDB.open('symbolon-wallet');
        open.onsuccess = () => {
          const transaction = open.result.transaction('vault', 'readwrite'), store = transaction.objectStore('vault'), get = store.get('state');
          get.onsuccess = () => { get.result.sealed[0] ^= 1; store.put(get.result, 'state'); store.delete('session'); };
          transaction.oncomplete = () => { open.result.close(); done(true); };
        };"""
        self.lock()
        self.browser.driver.execute_async_script(script)
        self.enter()
        self.browser.wait_for(lambda: "is damaged. It is not the passphrase" in self.browser.find("#failure").text, "damage is not told from a wrong passphrase")
        self.browser.click("#forgotten summary")
        self.browser.click("#forgotten a")
        self.title("Delete the wallet from this browser")
        self.browser.click("#agree-delete")
        self.browser.click("#delete-everything")
        self.title("Welcome")
        self.restore(self.browser_file)
        self.title("Your credentials")
        self.quiet()
        self.report.say("while the page is open, and while it is not; damage too")

    def languages(self):
        self.report.begin("languages")
        self.open("settings")
        self.title("Settings")
        self.browser.click("#register-links")
        self.announced("The browser asks you now, or has been told already.")
        self.browser.click("#language option[value='zh-Hant']")
        self.title("設定")
        self.inspect("Chinese settings", "設定")
        self.browser.driver.refresh()
        self.title("設定")
        self.report.check("the page says which language it is", self.browser.run("return document.documentElement.lang") == "zh-Hant")
        for place, title in (("", "您的憑證"), ("claim", "領取憑證"), ("delete", "從這個瀏覽器刪除錢包"), (TOP_UP, "增加憑證的內容？"), (REQUEST, "沒有回答")):
            self.open(place)
            self.inspect(f"Chinese {re.sub('=.*', '', place) or 'home'}", title)
        left = re.findall(r"[A-Za-z]{4,}", re.sub(r"Symbolon|English|symbolon|https?://\S+", "", self.browser.text))
        self.report.check("no English is left", not left, left)
        self.browser.click("#language option[value='en']")
        self.title("There is no answer")
        self.browser.click("#to-home")
        self.title("Your credentials")
        self.quiet("net::ERR_UNSAFE_PORT", "Failed to fetch", "net::ERR_CONNECTION_REFUSED")
        self.report.say("English and Chinese, remembered")

    def interrupted(self):
        self.report.begin("interrupted")
        self.delete()
        words = self.begin_making()
        # In another language the same words.
        self.browser.click("#language option[value='zh-Hant']")
        self.title("單字抄對了嗎？")
        self.browser.click("#words-again")
        self.report.check("the words stay in another language", [one.text for one in self.browser.all("#words li")] == words)
        self.browser.click("#language option[value='en']")
        self.title("Your 24 words")
        self.inspect("words", "Your 24 words")
        self.browser.driver.refresh()
        self.title("Welcome")
        self.browser.find("#interrupted")
        self.report.check("the address does not begin again by itself", self.browser.address == self.server.origin + "/")
        self.browser.complaints()
        self.report.say("making is left half-way, and said to have left nothing")

    def press(self, *keys):
        self.browser.press(*keys)

    def tab_to(self, what):
        """Presses Tab until one is there; where one is can be seen on all the way."""
        for _ in range(40):
            self.browser.press(Keys.TAB)
            tag, name, is_seen = self.browser.run(FOCUS)
            self.report.check(f"the focus on {tag} {name} is seen", is_seen or tag == "body")
            if name == what:
                return
        raise AssertionError(f"Tab does not come to {what}")

    def keyboard(self):
        """A wallet is made, locked, opened and deleted with keys alone."""
        self.report.begin("keyboard")
        self.open()
        self.title("Welcome")
        self.tab_to("make-wallet")
        self.press(Keys.ENTER)
        self.title("Your 24 words")
        self.report.check("one is at the heading", self.browser.run("return document.activeElement.id") == "title")
        words = [one.text for one in self.browser.all("#words li")]
        self.tab_to("words-written")
        self.press(Keys.ENTER)
        self.title("Are the words right?")
        for field in [one.get_attribute("id") for one in self.browser.all("#check-form input")]:
            self.tab_to(field)
            self.press(words[int(field.split("-")[1]) - 1])
        self.press(Keys.ENTER)
        self.title("Choose a passphrase")
        self.tab_to("new-passphrase")
        self.press(PASSPHRASE)
        self.tab_to("new-passphrase-again")
        self.press(PASSPHRASE, Keys.ENTER)
        self.title("Your credentials")
        self.tab_to("to-claim")
        self.press(Keys.ENTER)
        self.title("Claim a credential")
        self.tab_to("back")
        self.press(Keys.SPACE)
        self.title("Your credentials")
        ActionChains(self.browser.driver).key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(Keys.SHIFT).perform()
        self.report.check("before the heading is the lock", self.browser.run(FOCUS)[1] == "lock", self.browser.run(FOCUS))
        self.press(Keys.ENTER)
        self.title("Unlock your wallet")
        self.tab_to("passphrase")
        self.press(PASSPHRASE, Keys.ENTER)
        self.title("Your credentials")
        self.quiet()
        self.report.say("made, locked and opened by Tab and Enter")

    def offline(self):
        self.report.begin("offline")
        self.open()
        self.title("Your credentials")
        self.browser.driver.execute_async_script("navigator.serviceWorker.ready.then(arguments[0])")
        names = self.browser.driver.execute_async_script(
            "const done = arguments[0]; caches.keys().then(async (names) => done([names, (await (await caches.open(names[0])).keys()).map((one) => new URL(one.url).pathname)]))")
        built = {"/" + name for name in os.listdir(self.files) if not name.endswith(".gz") and name != "service-worker.js"}
        self.report.check("the files and nothing else are kept", len(names[0]) == 1 and set(names[1]) == built, names)
        found = self.browser.command("Page.getAppManifest")
        self.report.check("the manifest is one", found["url"].endswith("/manifest.webmanifest") and not found["errors"], found["errors"])
        wrong = [one["errorId"] for one in self.browser.command("Page.getInstallabilityErrors")["installabilityErrors"]]
        self.report.check("it can be installed", not set(wrong) - {"in-incognito"}, wrong)
        self.lock()
        self.server.asked.clear()
        self.server.is_off = True
        self.open()
        self.title("Unlock your wallet")
        self.enter()
        self.title("Your credentials")
        self.report.check("the words are there", len(self.shown_words()) == 24)
        self.browser.click("#language option[value='zh-Hant']")
        self.title("設定")
        self.browser.click("#language option[value='en']")
        self.title("Settings")
        self.open(CLAIM)
        self.title("Claim this credential?")
        self.browser.click("#claim")
        self.title("It was not claimed")
        self.browser.click("#leave-task")
        self.report.check("nothing but the service worker was asked for", set(self.server.asked) <= {"/service-worker.js"}, self.server.asked)
        self.server.is_off = False
        self.browser.complaints()
        self.report.say("everything but what has to be fetched")

    def update(self):
        """Another version waits until it is taken."""
        self.report.begin("update")
        newer = os.path.join(self.folder, "newer")
        page = os.path.join(self.folder, "newer-page")
        shutil.copytree(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Sources", "WalletWeb", "Page"), page)
        with open(os.path.join(page, "style.css"), "a") as file:
            file.write("h1 { letter-spacing: 1px; }\n")
        module = next(one for one in glob.glob(os.path.join(self.files, "wallet.*.wasm")))
        scripts = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Scripts")
        subprocess.run([os.path.join(scripts, "assemble-wallet"), "--module", module, "--page", page, "--out", newer], check=True, capture_output=True)
        spacing = "const title = document.querySelector('h1'); return title && getComputedStyle(title).letterSpacing"
        self.server.folder = newer
        self.open()
        self.title("Your credentials")
        self.report.check("the page is still the old one", self.browser.run(spacing) == "normal")
        self.browser.find("#update")
        self.inspect("update", "Your credentials")
        self.browser.driver.refresh()
        self.title("Your credentials")
        self.report.check("it does not come by itself", self.browser.run(spacing) == "normal")
        self.browser.click("#update-take")
        self.browser.wait_for(lambda: self.browser.run(spacing) == "1px", "the new version does not come")
        self.title("Your credentials")
        names = self.browser.driver.execute_async_script("caches.keys().then(arguments[0])")
        self.report.check("the old files are gone", len(names) == 1, names)
        self.browser.complaints()
        self.report.say("waits, is taken, and the wallet is there")

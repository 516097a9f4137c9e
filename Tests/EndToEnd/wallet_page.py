"""The wallet in the browser, as a member uses it."""
import json

from selenium.webdriver.support.ui import Select

# Seen from inside of the page, because asking from outside takes longer than what is measured: when something was first shown, in milliseconds since the
# navigation began. Kept with the tab, for who is somewhere else by then.
WATCH = """
(() => {
  if (location.origin !== WALLET) return;
  const seen = [];
  let last = null;
  const look = () => {
    const what = ['#unlock-form', '#make-wallet', '#credential-0-state', '#sign-in-form', '#way-on', '#failure'].find(one => document.querySelector(one));
    const step = document.getElementById('work-step')?.textContent ?? '';
    const now = what ?? step;
    if (now === last || !now) return;
    last = now;
    seen.push([now, performance.now()]);
    sessionStorage.setItem('seen', JSON.stringify(seen));
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
})();
"""
# As soon as the wallet says that it computes a proof.
WHEN_PROVING = """
new MutationObserver((_, watcher) => {
  if (!document.getElementById('work-step')?.textContent.startsWith('Computing')) return;
  watcher.disconnect();
  THEN;
}).observe(document, { subtree: true, childList: true, characterData: true });
"""


class WalletPage:
    def __init__(self, report, browser, address):
        self.report, self.browser, self.address = report, browser, address
        browser.command("Page.addScriptToEvaluateOnNewDocument", source=WATCH.replace("WALLET", json.dumps(address)))

    def open(self, address=None):
        """A fresh page, not another place on the one that is shown."""
        self.browser.open("about:blank")
        self.browser.open(address or self.address + "/")

    def title(self, text):
        self.browser.wait_for(lambda: self.browser.find("h1").text == text, f"the page's title is not: {text}")

    def seen(self):
        """What was shown when, newest page of this tab."""
        return json.loads(self.browser.run("return sessionStorage.getItem('seen')") or "[]")

    # A wallet.

    def make(self, passphrase, shot=lambda what: None):
        """From the first page to the last; the 24 words."""
        self.browser.click("#make-wallet")
        self.title("Your 24 words")
        shot("words")
        words = [item.text for item in self.browser.all("#words li")]
        self.report.check("24 words", len(words) == 24 and all(word.isalpha() for word in words), words)
        self.browser.click("#words-written")
        self.title("Are the words right?")
        fields = self.browser.all("#check-form input")
        self.report.check("three of them are asked for", len(fields) == 3)
        place = int(fields[0].get_attribute("id").split("-")[1])
        fields[0].send_keys("wrong")
        self.browser.click("#check-words")
        error = self.browser.find(f"#word-{place}-error")
        self.report.check("a wrong one is named", f"word {place}" in error.text, error.text)
        shot("a wrong word")
        # In another language the page asks for others.
        for field in self.browser.all("#check-form input"):
            field.clear()
            field.send_keys(words[int(field.get_attribute("id").split("-")[1]) - 1])
        self.browser.click("#check-words")
        self.choose(passphrase, shot)
        return " ".join(words)

    def choose(self, passphrase, shot=lambda what: None):
        self.title("Choose a passphrase")
        self.browser.type("#new-passphrase", "password123")
        self.browser.type("#new-passphrase-again", "password123")
        self.browser.click("#keep-wallet")
        self.browser.wait_for(lambda: "guess" in self.browser.find("#new-passphrase-error").text, "a well-known word is taken")
        shot("passphrase")
        self.browser.type("#new-passphrase", passphrase)
        self.browser.type("#new-passphrase-again", passphrase)
        self.browser.click("#keep-wallet")

    def unlock(self, passphrase):
        self.browser.type("#passphrase", passphrase)
        self.browser.click("#unlock")

    def lock(self):
        self.browser.click("#lock")
        self.browser.find("#unlock-form")

    def claim(self):
        """When a link was followed."""
        self.title("Claim this credential?")
        self.browser.click("#claim")
        self.title("Your credentials")

    def state(self):
        return self.browser.find("#credential-0-state").get_attribute("data-state")

    def wait_for_leaf(self):
        """By what a member can do: fetching the lists now and then."""
        def entered():
            if self.state() == "in-tree":
                return True
            self.browser.click("#sync")
            self.browser.find("#credential-0-state")
            return False
        self.browser.wait_for(entered, "the leaf does not enter the tree")

    def restore_file(self, path, passphrase):
        self.browser.click("#bring-back")
        self.browser.find("#backup-file").send_keys(path)
        self.browser.type("#file-passphrase", passphrase)
        self.browser.click("#restore-file")

    def restore_words(self, words, passphrase, service, community):
        self.browser.click("#bring-back")
        self.browser.type("#phrase", words)
        self.browser.click("#restore-words")
        self.choose(passphrase)
        self.title("Look for my credentials")
        self.browser.type("#find-service", service)
        self.browser.type("#find-community", community)
        self.browser.click("#find")

    # A sign-in.

    def asked(self):
        """The sign-in that the wallet asks its owner about."""
        return self.browser.find("#sign-in-form")

    def choose_tier(self, name):
        self.browser.click(f"#tiers input[value='{name}']")

    def agree(self):
        self.browser.click("#sign-in")

    def when_proving(self, then):
        """Does something in the page once the wallet computes."""
        self.browser.run(WHEN_PROVING.replace("THEN", then))

    def failure(self):
        return self.browser.find("#failure").text

    def language(self, code):
        Select(self.browser.find("#language")).select_by_value(code)
        self.browser.wait_for(lambda: self.browser.run("return document.documentElement.lang") == code, f"the page does not speak {code}")

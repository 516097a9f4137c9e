"""Requests that are no sign-in page's, and codes that add to a credential, with the wallet in the browser: asked through the HTTP API, answered by following a link, and what
came of it at the forum's side."""
import hashlib
import http.server
import json
import threading
import urllib.error
import urllib.parse
import urllib.request

PASSPHRASE = "lantern copper ninety orchard"
AUDIENCE = "talk"
ATTRIBUTE = "votes"
QUESTION = {"predicates": [f"{ATTRIBUTE} >= 20"]}


class Forum:
    """A page that members come from and go back to; it is asked nothing but that."""

    def __init__(self):
        forum = self

        class Page(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                forum.seen.append((self.path, self.headers.get("Referer")))
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(b"<!doctype html><link rel=icon href=data:,><title>The topic</title><h1>The topic</h1>")

            def log_message(self, *_):
                pass

        self.seen = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.origin = f"http://localhost:{self.server.server_port}"

    def end(self):
        self.server.shutdown()


class WalletRequests:
    """`checks`: the sign-ins of Scripts/end-to-end, whose browsers, forum and provider these share."""

    def __init__(self, checks):
        self.checks, self.report, self.provider = checks, checks.report, checks.provider
        about = json.loads(self.provider.published("/v1/community"))
        self.audience = next(one["id"] for one in about["audiences"] if one["name"] == AUDIENCE)
        self.token = self.provider.read(f"data/audiences/{AUDIENCE}.token").strip()

    @property
    def browser(self):
        return self.checks.browser

    def all(self):
        self.forum = Forum()
        try:
            self.checks.member("dan")
            self.act()
            self.again()
            self.stopped()
            self.post()
            self.sign_in()
            self.consent()
            self.refused()
            self.too_small()
            self.top_up()
            self.remembered()
        finally:
            self.forum.end()

    # The forum's side.

    def call(self, method, path="", body=None):
        request = urllib.request.Request(f"{self.provider.origin}/v1/audiences/{self.audience}/requests{path}", method=method,
                                         data=body and json.dumps(body).encode(), headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read() or b"{}")

    def ask(self, **question):
        return self.call("POST", body={**QUESTION, **question})

    def state(self, request):
        return self.call("GET", f"/{request['nonce']}")

    def pending(self, request, what):
        state = self.state(request)
        self.report.check(f"{what}: the forum hears nothing of it", state["state"] == "pending" and "nullifiers" not in state, state)

    # The member's.

    def link(self, request, back="/topic/7?page=2"):
        given = {"request": request["nonce"], "service": self.provider.issuer, "audience": self.audience, **({"return": self.forum.origin + back} if back else {})}
        return f"{self.provider.wallet}/#{urllib.parse.urlencode(given)}"

    def open(self, address, shown="#request-form, #failure"):
        self.checks.wallet.open(address)
        self.browser.wait_for(lambda: self.browser.all(f"#passphrase, {shown}"), "neither locked nor open")
        if self.browser.all("#passphrase"):
            self.checks.wallet.unlock(PASSPHRASE)
        self.browser.find(shown)
        self.report.check("nothing of it stays in the address", self.browser.address == self.provider.wallet + "/", self.browser.address)

    def said(self, *texts):
        missing = [text for text in texts if text not in self.browser.text]
        self.report.check("it is said", not missing, (missing, self.browser.text))

    def answer(self, title="Your answer was accepted"):
        self.browser.click("#answer")
        self.checks.wallet.title(title)

    def go_back(self, address="/topic/7?page=2"):
        self.forum.seen.clear()
        link = self.browser.find("#return")
        self.report.check("it says where it leads", link.text == f"Back to {self.forum.origin}", link.text)
        self.report.check("nobody is led there", self.browser.address == self.provider.wallet + "/", self.browser.address)
        link.click()
        self.browser.wait_for_address(self.forum.origin)
        self.report.check("nothing of the answer goes along", self.forum.seen == [(address, None)], self.forum.seen)

    # The scenarios.

    def act(self):
        """From the forum's question to its knowing of the answer, and back by the member's own hand."""
        self.report.begin("act")
        digest = hashlib.sha256(b"I agree with the draft.").hexdigest()
        request = self.ask(purposes=[{"purpose": "act", "subject": "766f7465"}], message=digest)
        self.open(self.link(request))
        self.checks.wallet.title(f"Take part once at {AUDIENCE}?")
        self.said(f"{self.provider.issuer} says that {AUDIENCE} asks this of a member of assembly", "nobody has signed it", "for whoever began this request",
                  "your wallet cannot do it again", "bound to a text", digest, "766f7465", f"{ATTRIBUTE}: at least 20", "members could give this answer")
        self.report.check("the forum's page is not named before", self.forum.origin not in self.browser.text)
        self.checks.look("asked")
        self.answer()
        self.said("This is used up now")
        self.checks.look("answered")
        state = self.state(request)
        self.report.check("the forum learns that it was accepted", state["state"] == "accepted" and len(state["nullifiers"]) == 1, state)
        self.go_back()
        self.open(self.provider.wallet + "/", "#credential-0-state")
        self.report.say("asked through the API, accepted there, and back at the forum's page")

    def again(self):
        """The same act by another request, and the same request again."""
        self.report.begin("once")
        request = self.ask(purposes=[{"purpose": "act", "subject": "766f7465"}])
        self.open(self.link(request, back=None))
        self.said("bound to no text")
        self.answer("There is no answer")
        self.said("You have done this already", "page or tab where you began")
        self.report.check("there is nothing to try again", not self.browser.all("#again, #return"))
        self.checks.look("done already")
        self.pending(request, "already done")
        self.browser.click("#to-home")
        self.checks.wallet.title("Your credentials")
        request = self.ask(purposes=[{"purpose": "act", "subject": "01"}])
        self.open(self.link(request))
        self.answer()
        self.open(self.link(request))
        self.browser.find("#request-form, #failure")
        if self.browser.all("#request-form"):
            self.answer("There is no answer")
        self.said("answered already")
        self.report.shot(self.browser, "answered before")
        self.report.say("a second act is refused as spent, a second answer as used")

    def stopped(self):
        """Stopped while the wallet computes: nothing is sent, and it can be answered after all."""
        self.report.begin("stopped")
        request = self.ask(purposes=[{"purpose": "act", "subject": "02"}])
        self.open(self.link(request))
        self.checks.wallet.when_proving("document.getElementById('stop').click()")
        self.browser.click("#answer")
        self.browser.wait_for(lambda: "Stopped" in self.browser.find("#announcement").text, "it does not stop")
        self.browser.find("#request-form")
        self.pending(request, "stopped")
        self.answer()
        self.report.check("it counts", self.state(request)["state"] == "accepted")
        self.report.say("stopped in the middle of the proof, and answered by the next try")

    def post(self):
        """Posts with tickets: as many as there are, and no more."""
        self.report.begin("tickets")
        marks = set()
        for count in (1, 2, 3):
            request = self.ask(purposes=[], tickets=2, message=hashlib.sha256(b"Post %d" % count).hexdigest())
            self.open(self.link(request))
            if count == 1:
                self.checks.wallet.title(f"Use a ticket at {AUDIENCE}?")
                # The first question was of another form, and nothing is published: so the member agrees.
                self.said("You have 2 at this forum in each epoch", "asks something else than before", "nothing ties it to this")
                self.checks.look("ticket")
                self.browser.click("#accept-policy")
            if count == 3:
                self.answer("There is no answer")
                self.said("You have used all your tickets")
                self.checks.look("no ticket left")
                self.pending(request, "no ticket left")
                break
            self.answer()
            self.said("One of your tickets is used up")
            state = self.state(request)
            self.report.check("a post is accepted", state["state"] == "accepted" and [one["scope"]["purpose"] for one in state["nullifiers"]] == ["post"], state)
            marks.add(json.dumps(state["nullifiers"]))
        self.report.check("nothing links two of them", len(marks) == 2, marks)
        self.report.say("two of two are taken, a third is not to be had")

    def sign_in(self):
        """A pseudonym without a sign-in page: the wallet warns, and wants the member's word that he began it."""
        self.report.begin("pseudonym")
        request = self.ask(purposes=[{"purpose": "sign-in"}, {"purpose": "account"}])
        self.open(self.link(request))
        self.checks.wallet.title(f"Show {AUDIENCE} your pseudonym?")
        self.said("he is taken for you there", "Your account of this epoch")
        self.checks.look("pseudonym")
        if self.browser.all("#accept-policy"):
            self.browser.click("#accept-policy")
        self.browser.click("#answer")
        self.browser.wait_for(lambda: "Tick the box" in self.browser.find("#missing-consent").text, "it goes on without a word")
        self.report.check("one is at what is missing", self.browser.run("return document.activeElement.id") == "accept-began")
        self.pending(request, "without his word")
        self.browser.click("#accept-began")
        self.answer()
        self.report.check("pseudonym and account", [one["scope"]["purpose"] for one in self.state(request)["nullifiers"]] == ["sign-in", "account"])
        self.report.say("only with the member's word that he began it")

    def consent(self):
        """Another bound than before: nothing is proved until the member agrees."""
        self.report.begin("policy")
        request = self.ask(purposes=[{"purpose": "act", "subject": "03"}], predicates=[f"{ATTRIBUTE} >= 1"])
        self.open(self.link(request))
        self.said("asks something else than before")
        self.browser.click("#answer")
        self.browser.find("#missing-consent")
        self.pending(request, "without consent")
        self.checks.look("policy changed")
        self.browser.click("#accept-policy")
        self.answer()
        self.report.check("it counts", self.state(request)["state"] == "accepted")
        self.report.say("another bound needs the member's consent")

    def refused(self):
        """Declined, taken back, too late, never heard of, another forum's."""
        self.report.begin("no answer")
        request = self.ask(purposes=[{"purpose": "act", "subject": "04"}])
        self.open(self.link(request))
        self.browser.click("#decline")
        self.checks.wallet.title("You did not answer")
        self.said("Nothing was sent")
        self.checks.look("declined")
        self.pending(request, "declined")
        self.go_back()
        self.call("DELETE", f"/{request['nonce']}")
        self.open(self.link(request))
        if self.browser.all("#request-form"):
            self.answer("There is no answer")
        self.said("has taken this request back")
        self.report.shot(self.browser, "taken back")
        late = self.ask(purposes=[{"purpose": "act", "subject": "05"}], lifetime=3)
        self.open(self.link(late))
        self.browser.wait_for(lambda: self.state(late)["state"] == "expired", "it does not end")
        if self.browser.all("#answer:not([disabled])"):
            self.answer("There is no answer")
        self.said("too late")
        self.report.shot(self.browser, "too late")
        self.open(self.link({"nonce": "ab" * 32}))
        self.said("does not know this request")
        self.report.check("one can only go back", not self.browser.all("#again") and self.browser.all("#return"))
        self.report.shot(self.browser, "unknown")
        other = self.link(self.ask(purposes=[{"purpose": "act", "subject": "06"}])).replace(self.audience, "00" * 32)
        self.open(other)
        self.said("another forum's than the link says", "does not say who asks this")
        self.report.check("it cannot be answered", not self.browser.all("#answer:not([disabled])"))
        self.checks.look("another forum's")
        self.report.say("declined, taken back, too late, unknown, another forum's: each is told, and the forum hears nothing")

    def too_small(self):
        """What hardly anybody else could answer: refused in the wallet."""
        self.report.begin("small crowd")
        self.checks.use("cyd")
        request = self.ask(purposes=[{"purpose": "act", "subject": "07"}])
        self.open(self.link(request))
        self.said("does not meet this condition")
        self.report.check("it cannot be answered", not self.browser.find("#answer").is_enabled())
        self.checks.look("too little")
        self.pending(request, "too little")
        request = self.ask(purposes=[{"purpose": "act", "subject": "07"}], disclose=[ATTRIBUTE], predicates=[])
        self.open(self.link(request))
        self.said("too few to hide among", f"{ATTRIBUTE}: 0")
        self.report.check("it cannot be answered", not self.browser.find("#answer").is_enabled())
        self.checks.look("too few")
        self.browser.click("#decline")
        self.checks.wallet.title("You did not answer")
        self.pending(request, "too few")
        self.checks.use("dan")
        self.report.say("refused in the wallet, and the forum hears nothing")

    def top_up(self):
        """A code that adds to the credential, by a link; and what comes of it once it is in the tree."""
        self.report.begin("top-up")
        self.provider.write("more.csv", f"person,{ATTRIBUTE}\ndan,5\n")
        self.provider.run("community", "top-up", "--data", "data", "--csv", "more.csv", "--person-column", "person", "--label", "more", "--codes", "more-codes.csv")
        code = self.provider.read("more-codes.csv").splitlines()[1].split(",")[1]
        link = f"{self.provider.wallet}/#{urllib.parse.urlencode({'top-up': code, 'service': self.provider.issuer, 'community': self.provider.id})}"
        self.open(link, "#top-up")
        self.checks.wallet.title("Add to your credential?")
        self.said("your credential of assembly", self.provider.issuer, self.provider.id)
        self.checks.look("top-up")
        self.browser.click("#top-up")
        self.browser.find("#done")
        self.checks.wallet.title("Your credentials")
        self.said("The code was taken")
        self.checks.look("taken")

        def added():
            if "35" in self.browser.find("table").text:
                return True
            if self.browser.all("#credential-0-top-up-go-on"):
                self.browser.click("#credential-0-top-up-go-on")
                self.browser.find("#credential-0-state")
            return False
        self.browser.wait_for(added, "what was added does not come")
        self.report.shot(self.browser, "added")
        self.open(link, "#top-up")
        self.browser.click("#top-up")
        self.checks.wallet.title("Nothing was added")
        self.said("used already")
        self.report.shot(self.browser, "once")
        self.browser.click("#leave-task")
        self.checks.wallet.title("Your credentials")
        # Typed, and of another kind.
        self.browser.click("#credential-0-top-up summary")
        self.browser.type("#top-up-code-0", "0123", enter=True)
        self.browser.wait_for(lambda: self.browser.find("#top-up-code-0-error").text, "a code that is none is taken")
        self.browser.type("#top-up-code-0", self.provider.codes["bob"], enter=True)
        self.checks.wallet.title("Nothing was added")
        self.said("a code of another kind")
        self.browser.click("#leave-task")
        self.checks.wallet.title("Your credentials")
        # It goes on with the new leaf.
        request = self.ask(purposes=[{"purpose": "act", "subject": "08"}])
        self.open(self.link(request))
        self.answer()
        self.report.check("it counts", self.state(request)["state"] == "accepted")
        self.report.say("taken by a link, in the tree, and used; the same code again adds nothing")

    def remembered(self):
        """All of it in words, for the member alone."""
        self.report.begin("history")
        self.open(self.provider.wallet + "/", "#credential-0-state")
        self.browser.click("#navigation a[href='#history']")
        self.browser.find("#history")
        entries = [item.text for item in self.browser.all("#history li")]
        for text in (f"You did something at {AUDIENCE} that can be done once", f"took no answer of yours to {AUDIENCE}. You have done this already", "has been answered already",
                     f"You used a ticket at {AUDIENCE}", "You have used all your tickets", f"You showed your pseudonym to {AUDIENCE}", f"You chose not to answer {AUDIENCE}",
                     "has taken this request back", "too late", f"added a code to your credential of assembly: {ATTRIBUTE} +5"):
            self.report.check(f"it says: {text}", any(text in entry for entry in entries), entries)
        self.checks.look("what was done")
        self.report.say(f"{len(entries)} entries, refusals among them, on this device alone")

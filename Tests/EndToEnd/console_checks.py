"""The operator's console in the browser: an operator comes in by her link, registers a forum, bans, and reads an appeal; every page as it can look."""
import json

from page_checks import PageChecks

PASSWORD = "correct horse battery"
PAGES = ["", "/forums", "/forums/new", "/pseudonyms", "/bans", "/appeals", "/audit-log", "/service"]


class ConsoleChecks(PageChecks):
    def all(self):
        self.browser.forget()
        _, pseudonym = self.sign_in("bob")
        self.browser.forget()
        self.report.begin("an operator comes in")
        self.enter()
        self.report.begin("its pages")
        for path in PAGES:
            self.visit(path)
        self.report.begin("the wizard")
        self.register()
        self.report.begin("a ban and its appeal")
        self.ban(pseudonym)
        complaints = self.complaints()
        self.report.check("the browser complains of nothing", not complaints, complaints)

    def complaints(self):
        # 422 is how the wizard says that something is missing.
        return [line for line in self.browser.complaints() if self.provider.issuer in line and "status of 422" not in line]

    def visit(self, path):
        self.browser.open(f"{self.provider.issuer}/console{path}")
        self.look(path.strip("/").replace("/", " ") or "overview")

    def look(self, what):
        self.inspect(f"console {what}", self.browser.find("h1").text)

    def enter(self):
        link = json.loads(self.provider.run("operator", "add", "--data", "data", "carla", "--role", "owner", "--json"))["link"]
        self.browser.open(self.provider.issuer + link)
        self.look("link")
        self.browser.type("#password", PASSWORD)
        self.browser.type("#again", PASSWORD, enter=True)
        self.browser.wait_for(lambda: not self.browser.all("#again"), "the password is not taken")
        self.browser.open(self.provider.issuer + "/console/sign-in")
        if self.browser.all("#name"):
            self.look("sign-in")
            self.browser.type("#name", "carla")
            self.browser.type("#password", PASSWORD, enter=True)
        self.browser.wait_for(lambda: "carla, owner" in self.browser.text, "the operator is not in")
        cookies = self.browser.cookies()
        self.report.check("cookies that scripts and other sites do not get", cookies and all(
            cookie["httpOnly"] and cookie["sameSite"] in ("Strict", "Lax") for cookie in cookies.values()), cookies)

    def register(self):
        self.browser.open(self.provider.issuer + "/console/forums/new")
        self.browser.type("#name", "The Atrium")
        self.browser.type("#url", "https://atrium.example.org")
        self.browser.type("#audience", "atrium")
        # What is offered first is Discourse, which cannot do without addresses.
        self.browser.click("main form button[type=submit]")
        self.browser.wait_for(lambda: "give a domain" in self.browser.text, "the wizard does not say what is missing")
        self.look("forums new refused")
        self.browser.type("#domain", "members.example.org")
        self.browser.click("main form button[type=submit]")
        self.browser.wait_for(lambda: "It is shown this once." in self.browser.text, "no forum is registered")
        self.look("forum")
        names = [forum["name"] for forum in json.loads(self.provider.run("forum", "list", "--data", "data", "--json"))]
        self.report.check("the forum is there", "The Atrium" in names, names)

    def ban(self, pseudonym):
        self.browser.open(self.provider.issuer + "/console/pseudonyms")
        self.browser.type("#who", pseudonym, enter=True)
        self.browser.wait_for(lambda: self.browser.all("#public"), "the pseudonym is not found")
        self.look("pseudonym")
        self.browser.type("#reason", "see the notes")
        self.browser.type("#public", "Insults after three warnings.")
        self.browser.click("form[action='/console/bans'] button")
        self.browser.wait_for(lambda: "Insults after three warnings." in self.browser.text and not self.browser.all("#public"), "nobody is banned")
        bans = json.loads(self.provider.run("forum", "bans", "--data", "data", "--json"))
        audience = next(one["audience"] for one in bans if one["public-reason"] == "Insults after three warnings.")
        self.provider.write("appeal.txt", "I was quoting.\nPlease read the thread again.\n")
        done = self.provider.attempt("wallet", "appeal", "--wallet", "bob", "--service", self.provider.issuer, "--audience", audience,
                                     "--text-file", "appeal.txt")
        self.report.check("the appeal is sent", done.returncode == 0, done.stderr)
        self.visit("/bans")
        self.visit("/appeals")
        self.report.check("who banned does not decide", "somebody else decides" in self.browser.text and not self.browser.all("button[name=decision]"))
        self.report.say("banned, heard, and left to another operator")

"""Real forums sign members in through the service, in a real browser. Called by Scripts/end-to-end."""
import argparse
import os
import sys
import tempfile
import traceback

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "SignIn"))

from selenium.common.exceptions import WebDriverException

import processes
from certificates import Certificates
from chromium import Chromium
from console_checks import ConsoleChecks
from forums.apache import Apache
from forums.spirit import Spirit
from forums.synapse import Synapse
from page_checks import PageChecks
from provider import Provider, SecureProvider
from report import Report
from scenarios import Scenarios
from wallet_requests import WalletRequests
from wallet_sign_in import WalletSignIn
from wallet_world import WalletProvider

WALLET = "wallet"
FORUMS = {"spirit": Spirit, "synapse": Synapse, "apache": Apache}


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--symbolon", required=True, help="the program")
    parser.add_argument("--programs", required=True, help="folder with a virtual environment for each forum that needs one")
    parser.add_argument("--screenshots", help="folder to keep them in")
    parser.add_argument("--only", choices=[*FORUMS, WALLET], help="one forum alone, or the wallet in the browser")
    parser.add_argument("--wallet", help="folder that Scripts/build-wallet made")
    return parser.parse_args()


class Run:
    """The providers are made when a forum first needs them."""

    def __init__(self, given, report, folder):
        self.given, self.report, self.folder, self.providers = given, report, folder, {}
        # Apache serves as another user, who has to get through to its pages.
        os.chmod(folder, 0o711)
        self.certificates = Certificates(os.path.join(folder, "certificates"))

    def provider(self, is_secure):
        if is_secure not in self.providers:
            folder = os.path.join(self.folder, "secure" if is_secure else "plain")
            os.makedirs(folder)
            more = {"certificates": self.certificates} if is_secure else {"serve": ["--console"]}
            self.providers[is_secure] = (SecureProvider if is_secure else Provider)(self.given.symbolon, folder, **more)
        return self.providers[is_secure]

    def wallet(self):
        """Spirit, whose members have their wallets in the browser."""
        self.report.go_to("The wallet in the browser, at Spirit, all but the forum over https", WALLET)
        self.report.begin("start")
        folder = os.path.join(self.folder, WALLET)
        os.makedirs(folder)
        provider = WalletProvider(self.given.symbolon, folder, self.certificates, os.path.abspath(self.given.wallet))
        forum = Spirit(self.report, provider, os.path.join(folder, "spirit"), os.path.join(self.given.programs, "spirit"))
        checks = WalletSignIn(self.report, provider, forum, lambda name: Chromium(os.path.join(folder, f"{name}-profile"), self.certificates.pin))
        self.report.say("ready")
        try:
            checks.all()
            self.report.go_to("Acts, tickets and codes, with the wallet in the browser", "wallet-requests")
            WalletRequests(checks).all()
        except BaseException:
            self.report.shot(checks.browser, "failed")
            raise
        finally:
            checks.end()

    def forum(self, name):
        kind = FORUMS[name]
        self.report.go_to(f"{kind.name}, provider over {'https' if kind.is_secure else 'http'}", name)
        self.report.begin("start")
        provider = self.provider(kind.is_secure)
        forum = kind(self.report, provider, os.path.join(self.folder, name), os.path.join(self.given.programs, name))
        browser = Chromium(os.path.join(self.folder, f"{name}-profile"), self.certificates.pin)
        self.report.say("ready")
        try:
            Scenarios(self.report, provider, forum, browser).all()
            if not kind.is_secure:
                self.report.go_to("The operator's console", "console")
                ConsoleChecks(self.report, provider, forum, browser).all()
            if name == (self.given.only or "apache"):
                self.report.go_to("The provider's pages", "pages")
                PageChecks(self.report, provider, forum, browser).all()
        except BaseException:
            self.report.shot(browser, "failed")
            raise
        finally:
            browser.quit()


def main():
    given = arguments()
    report = Report(given.screenshots)
    processes.adopt_orphans()
    try:
        with tempfile.TemporaryDirectory(prefix="symbolon-end-to-end-", ignore_cleanup_errors=True) as folder:
            try:
                run = Run(given, report, folder)
                for name in FORUMS:
                    if given.only in (None, name):
                        run.forum(name)
                if given.only in (None, WALLET):
                    run.wallet()
            finally:
                processes.end_all()
    except (AssertionError, WebDriverException) as failure:
        traceback.print_tb(failure.__traceback__)
        print(f"\nFailed: {report.place}, {report.subject}: {failure}", file=sys.stderr)
        sys.exit(1)
    shots = f", {report.shots} screenshots in {given.screenshots}" if given.screenshots else ""
    print(f"\n{report.checks} checks hold{shots}")


main()

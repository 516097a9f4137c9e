"""The wallet's page in a real browser, without a service. Called by Scripts/check-wallet."""
import argparse
import os
import sys
import tempfile
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "EndToEnd"))

from selenium.common.exceptions import WebDriverException

import processes
from chromium import Chromium
from messages_check import check_messages
from report import Report
from module_checks import check_modules
from wallet_checks import WalletChecks

SOURCES = os.path.join(HERE, "..", "..", "Sources", "WalletWeb", "Page")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wallet", required=True, help="the folder that Scripts/build-wallet made")
    parser.add_argument("--symbolon", help="the program, to exchange backup files with")
    parser.add_argument("--screenshots", help="folder to keep them in")
    parser.add_argument("--only", choices=("messages", "modules", "page"))
    given = parser.parse_args()
    report = Report(given.screenshots)
    processes.adopt_orphans()
    try:
        with tempfile.TemporaryDirectory(prefix="symbolon-wallet-", ignore_cleanup_errors=True) as folder:
            try:
                if given.only in (None, "messages"):
                    check_messages(report, SOURCES)
                for name in ("modules", "page"):
                    if given.only in (None, name):
                        # No certificate is excused: it speaks to this machine alone.
                        browser = Chromium(os.path.join(folder, name), "", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
                        try:
                            if name == "modules":
                                check_modules(report, browser, SOURCES, HERE)
                            else:
                                WalletChecks(report, browser, given.wallet, given.symbolon and os.path.abspath(given.symbolon), folder).all()
                        except BaseException:
                            report.shot(browser, "failed")
                            raise
                        finally:
                            browser.quit()
            finally:
                processes.end_all()
    except (AssertionError, WebDriverException) as failure:
        traceback.print_tb(failure.__traceback__)
        print(f"\nFailed: {report.place}, {report.subject}: {failure}", file=sys.stderr)
        sys.exit(1)
    shots = f", {report.shots} screenshots in {given.screenshots}" if given.screenshots else ""
    print(f"\n{report.checks} checks hold{shots}")


main()

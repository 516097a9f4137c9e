"""What was checked, and what it looked like."""
import os
import re
import time


class Report:
    def __init__(self, screenshots=None):
        self.screenshots, self.checks, self.shots, self.since = screenshots, 0, 0, time.time()
        self.place = self.subject = ""

    def go_to(self, place, key):
        """`key`: the name of the folder for its screenshots."""
        self.place, self.key = place, key
        print(f"\n{place}", flush=True)

    def begin(self, subject):
        self.subject = subject

    def check(self, what, holds, found=None):
        self.checks += 1
        if not holds:
            raise AssertionError(what + ("" if found is None else f"; found: {found!r}"))

    def say(self, what):
        print(f"  {time.time() - self.since:5.0f} s  {self.subject}: {what}", flush=True)

    def shot(self, browser, what):
        """Keeps what the browser shows."""
        self.shots += 1
        if self.screenshots:
            folder = os.path.join(self.screenshots, self.key)
            os.makedirs(folder, exist_ok=True)
            name = re.sub(r"[^a-z0-9]+", "-", f"{self.shots:03} {self.subject} {what}".lower())
            browser.picture(os.path.join(folder, name + ".png"))

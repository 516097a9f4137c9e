"""Debian's Chromium without a screen, driven as a person would: it clicks, types, presses keys, and is asked what it shows."""
import base64
import json
import os

from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException, TimeoutException, WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from processes import die_with_parent

PATIENCE = 30


class Chromium:
    def __init__(self, folder, pin, *more):
        """`pin`: hash of the one public key whose certificate it does not ask an authority about. `more`: arguments."""
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for argument in ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-breakpad",
                         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=en",
                         f"--user-data-dir={folder}", f"--ignore-certificate-errors-spki-list={pin}", "--window-size=1000,900",
                         *more, *(["--no-sandbox"] if os.geteuid() == 0 else [])):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
        service = webdriver.ChromeService("/usr/bin/chromedriver", popen_kw={"preexec_fn": die_with_parent})
        self.driver = webdriver.Chrome(options=options, service=service)
        self.driver.set_page_load_timeout(PATIENCE)
        # As where they lie over the page, so that 320 pixels are 320.
        self.command("Emulation.setScrollbarsHidden", hidden=True)
        self.size()

    def quit(self):
        self.driver.quit()

    # What a person does.

    def open(self, address):
        self.driver.get(address)

    def click(self, selector):
        self.find(selector).click()

    def type(self, selector, text, enter=False):
        field = self.find(selector)
        field.clear()
        field.send_keys(text + (Keys.ENTER if enter else ""))

    def press(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    def forget(self):
        """As if it had never been anywhere."""
        self.command("Network.clearBrowserCookies")
        self.command("Network.clearBrowserCache")

    # What it shows.

    @property
    def address(self):
        return self.driver.current_url

    @property
    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    def find(self, selector):
        """The first such element that can be seen."""
        return self.wait_for(lambda: next((one for one in self.all(selector) if one.is_displayed()), None), f"{selector} is not on the page")

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def wait_for(self, holds, what, patience=PATIENCE):
        """Until it holds; pages go away under a question, which is then asked again."""
        def asked(_):
            try:
                return holds()
            except WebDriverException as failure:
                # The driver's other word for an element of a page that is gone.
                if "does not belong to the document" in str(failure):
                    return None
                raise

        try:
            return WebDriverWait(self.driver, patience, 0.1, (NoSuchElementException, StaleElementReferenceException)).until(asked)
        except TimeoutException:
            raise AssertionError(f"{what}; at {self.address}:\n{self.text[:1500]}") from None

    def wait_for_address(self, beginning):
        self.wait_for(lambda: self.address.startswith(beginning), f"it does not come to {beginning}")

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def cookies(self):
        return {cookie["name"]: cookie for cookie in self.driver.get_cookies()}

    def picture(self, path):
        """The whole page, however long."""
        size = self.command("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        shot = self.command("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    # What it did.

    def documents(self):
        """Requests for pages since the last time this was asked, hops of redirects too: address, and the headers that were sent."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        sent = {}
        for event in events:
            if event["method"] == "Network.requestWillBeSentExtraInfo":
                sent.setdefault(event["params"]["requestId"], []).append(event["params"]["headers"])
        asked = [event["params"] for event in events
                 if event["method"] == "Network.requestWillBeSent" and event["params"].get("type") == "Document"]
        # The headers of a request's hops come in their order; what stands beside the address is what it was before redirects.
        return [(one["request"]["url"], sent[one["requestId"]].pop(0)) for one in asked if sent.get(one["requestId"])]

    def complaints(self):
        """What stands in the console: files that are missing, what a policy stopped."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    # What kind of browser it is.

    def command(self, name, **parameters):
        return self.driver.execute_cdp_cmd(name, parameters)

    def size(self, width=1000, height=900):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def prefers(self, **features):
        """For instance `prefers(color_scheme="dark")`; without anything what is usual."""
        named = [{"name": "prefers-" + name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.command("Emulation.setEmulatedMedia", features=named)

    def scripts(self, allowed):
        self.command("Emulation.setScriptExecutionDisabled", value=not allowed)

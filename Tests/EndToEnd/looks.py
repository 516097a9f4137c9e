"""A page for those who see little, have a small screen, or want nothing to move."""
from axe import Axe

NARROW = 320
FOCUS = """
const shown = document.activeElement, style = getComputedStyle(shown);
return [shown.tagName.toLowerCase(), shown.id || shown.getAttribute("href") || shown.textContent.trim(),
        style.outlineStyle != "none" && parseFloat(style.outlineWidth) >= 2];
"""
MOTION = """
return document.getAnimations().length + [...document.querySelectorAll("*")].filter(one => {
  const style = getComputedStyle(one);
  return style.transitionDuration != "0s" || style.animationName != "none" || style.scrollBehavior == "smooth";
}).length;
"""


class Looks:
    """For classes that have a `report` and a `browser`."""
    axe = Axe()

    def overflow(self):
        """By how much the page is too wide for a screen of 320 pixels."""
        self.browser.size(NARROW, 640)
        return self.browser.run("const page = document.documentElement; return page.scrollWidth - page.clientWidth")

    def inspect(self, what, title):
        """The page that is shown, in all the ways it can look."""
        self.browser.wait_for(lambda: title in self.browser.find("h1").text, f"the page's title is not: {title}")
        for scheme in ("light", "dark"):
            self.browser.prefers(color_scheme=scheme, reduced_motion="reduce")
            ground = self.browser.run("return getComputedStyle(document.documentElement).colorScheme + matchMedia('(prefers-color-scheme: dark)').matches")
            self.report.check(f"{what}: {scheme} is understood", ground == f"light dark{str(scheme == 'dark').lower()}", ground)
            violations = self.axe.violations(self.browser)
            self.report.check(f"{what}, {scheme}: accessible", not violations, violations)
            self.report.shot(self.browser, f"{what} {scheme}")
        self.report.check(f"{what}: nothing moves", self.browser.run(MOTION) == 0)
        self.browser.prefers()
        overflow = self.overflow()
        self.report.shot(self.browser, f"{what} narrow")
        self.report.check(f"{what}: no scrolling sideways", overflow == 0, overflow)
        self.browser.size()

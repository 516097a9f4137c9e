"""Deque's axe-core, which checks a page against the rules of WCAG that a program can check; PyPI's axe-playwright-python carries it."""
import importlib.util
import os

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = """
const [rules, done] = arguments;
axe.run(document, { runOnly: { type: "tag", values: rules } })
  .then(found => done([found.passes.length, found.violations.concat(found.incomplete).map(one => one.id + ": " + one.nodes.map(node => node.html + " " + node.failureSummary).join(" "))]),
        failure => done([0, [String(failure)]]));
"""


class Axe:
    def __init__(self):
        folder = os.path.dirname(importlib.util.find_spec("axe_playwright_python").origin)
        with open(os.path.join(folder, "axe.min.js")) as file:
            self.source = file.read()

    def violations(self, browser):
        """What is wrong with the page that is shown; what axe cannot tell counts as wrong."""
        browser.run(self.source)
        passes, violations = browser.driver.execute_async_script(RUN, RULES)
        assert passes > 2 or violations, "axe looks at nothing"
        return violations

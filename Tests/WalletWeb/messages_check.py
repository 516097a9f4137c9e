"""The wallet's sentences: the same in each language, with the same places to fill in, all that the page says and nothing else."""
import glob
import json
import os
import re

PLACE = re.compile(r"\{([a-z]+)\}")
# What the scripts put together from a beginning and what they have at hand.
BEGINNINGS = {
    "credential": ("unknown", "waiting", "in-tree", "closed", "renewed", "gone"), "work": ("sync", "renew", "top-up", "restore-credentials"), "renew": ("current", "waiting", "renewed"),
    "top-up": ("waiting", "topped-up"), "passphrase": ("short", "guessable", "fair", "good"),
    "welcome": ("task-claim", "task-sign-in", "task-request", "task-top-up"), "unlock": ("task-claim", "task-sign-in", "task-request", "task-top-up"),
    "ask": ("fetch-none", "fetch-old", "fetch-leaf-missing"), "settings": ("safety", "passkey", "session", "links", "delete"),
    "request": tuple(f"{part}-{kind}" for part in ("title", "what", "learns", "go", "done") for kind in ("act", "post", "sign-in")) + (
        "title-other", "go-other", "issuer", "conditions", "discloses", "until", "subject", "message"),
    "appeal": ("unsent", "unanswered", "open", "granted", "refused", "send-one", "ask-again-one"),
    "history": ("claim", "renew", "restore", "top-up", *(f"sign-in{end}" for end in ("", "-wallet", "-service", "-declined")),
                *(f"answer{end}" for end in ("", "-act", "-post", "-sign-in", "-wallet", "-service", "-declined"))),
}
OPEN_BEGINNINGS = ("error.", "request-error.", "top-up-error.", "step.")


def base(key):
    return re.sub(r"\.(one|other)$", "", key)


def check_messages(report, sources):
    report.go_to("The sentences", "messages")
    report.begin("languages")
    languages = {}
    for path in glob.glob(os.path.join(sources, "messages", "*.json")):
        with open(path, encoding="utf-8") as file:
            languages[os.path.basename(path)[:-5]] = json.load(file)
    english = languages["en"]
    report.check("there are two languages", set(languages) == {"en", "zh-Hant"}, list(languages))
    for language, said in languages.items():
        report.check(f"{language} has the same sentences", {base(key) for key in said} == {base(key) for key in english},
                     {base(key) for key in said} ^ {base(key) for key in english})
        for key, text in said.items():
            original = english.get(key) or english[base(key) + ".other"]
            report.check(f"{language}: {key} has the same places", set(PLACE.findall(text)) == set(PLACE.findall(original)), text)
            report.check(f"{language}: {key} says something", text.strip() == text and text, text)
        # Chinese that was left in English has no Chinese in it.
        if language == "zh-Hant":
            left = [key for key, text in said.items() if not re.search(r"[\u4e00-\u9fff]", text)]
            report.check("all is translated", not left, left)
            half = [key for key, text in said.items() if re.search(r"[\u4e00-\u9fff][,;:?!]", text)]
            report.check("Chinese marks stand between Chinese characters", not half, half)
        for key in said:
            if key.endswith(".one") or key.endswith(".other"):
                report.check(f"{language}: {key} has its other forms", base(key) + ".other" in said)

    report.begin("use")
    source = ""
    for path in glob.glob(os.path.join(sources, "page", "*.js")) + [os.path.join(sources, "index.html")]:
        with open(path, encoding="utf-8") as file:
            source += file.read()
    used = set(re.findall(r"[\"']([a-z][a-z-]*\.[a-z][a-z-]*)[\"']", source)) - {"service-worker.js", "symbolon.language", "symbolon.making", "symbolon.task",
                                                                                "style.css", "manifest.webmanifest"}
    used |= {f"{beginning}.{end}" for beginning, ends in BEGINNINGS.items() for end in ends}
    written = {base(key) for key in english}
    report.check("all that the page says is written", not used - written, sorted(used - written))
    named = set(re.findall(r"\], '([a-z-]+)'\]|/, '([a-z-]+)'\]", source))
    for family in {one for pair in named for one in pair if one}:
        report.check(f"the family {family} is written", f"error.{family}" in written)
    idle = {key for key in written - used if not key.startswith(OPEN_BEGINNINGS)}
    report.check("all that is written is said", not idle, sorted(idle))
    report.say(f"{len(english)} sentences in {len(languages)} languages")

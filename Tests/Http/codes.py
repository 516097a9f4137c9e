"""The codes of refusals, as the sources have them: every `Problem` that is made, and every error that `Problem` passes on."""
import pathlib
import re

# What only a wallet says, of what it received or was told to prove.
WALLETS_OWN = {"cannot-prove", "receipt-signature"}
# Errors whose codes go out, `Problem.init(_:)`, and those inside of them.
PASSED_ON = {"PresentationError", "RenewalError", "TopUpError", "IssuanceError", "LogError", "RequestError", "JSONError", "FormatError",
             "SchemaError", "BearerCodeError", "Moderation"}


def of_sources(root):
    codes = set()
    for path in sorted(pathlib.Path(root, "Sources").rglob("*.swift")):
        source = path.read_text()
        codes |= set(re.findall(r"Problem\(\s*[\w.]+,\s*\"([a-z0-9-]+)\"", source))
        # An error is the nearest type at the beginning of a line before its codes.
        for table in re.finditer(r"var code: String \{\s*switch self \{(.*?)\n\s*\}\n", source, re.S):
            names = re.findall(r"^(?:public |package )?(?:indirect )?(?:enum|struct|extension) (\w+)", source[:table.start()], re.M)
            if names and names[-1] in PASSED_ON:
                codes |= set(re.findall(r"case [^\n]*: \"([a-z0-9-]+)\"", table.group(1)))
    return codes - WALLETS_OWN

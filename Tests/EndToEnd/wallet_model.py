"""A presentation as the service keeps it, as a case for the model (docs/protocol/case.py): what is computed here is computed apart from the Swift sources,
by the model's own functions."""
import base64
import os
import re
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "protocol"))

from symbolon_model import context_digest, gates_for, schema_digest, scope

BOUND = re.compile(r"^(\w+) (>=|<=) (-?\d+)$")


def case_of(request, answer, community, nullifiers):
    """`request`, `answer`, `community`: JSON as the service has it. Predicates with one attribute alone."""
    attributes = community["community"]["schema"]
    names = [attribute["name"] for attribute in attributes]
    schema = schema_digest([(one["name"], one["kind"], one["least"], one["greatest"]) for one in attributes])
    assert schema.hex() == request["schema"], "the schema is another"

    def encoded(one):
        fields = {name: bytes.fromhex(one[name]) for name in ("community", "audience", "subject") if name in one}
        return scope(one["purpose"], **fields, **{name: one[name] for name in ("epoch", "index") if name in one})

    def predicate(text):
        name, relation, bound = BOUND.match(text).groups()
        sign = 1 if relation == ">=" else -1
        return {"weights": [[names.index(name) + 1, sign]], "bound": sign * int(bound)}

    predicates = [predicate(text) for text in request.get("predicates", [])]
    assert not request.get("disclose"), "nothing is disclosed at a sign-in"
    context = context_digest(bytes.fromhex(request["community"]), schema, request["epoch"], bytes.fromhex(request["audience"]),
                             bytes.fromhex(request["nonce"]), request["expires"], bytes.fromhex(request.get("message", "")))
    return {
        "depth": community["depth"], "width_q": 120, "width_p": 104, "gates": gates_for(community["depth"], len(predicates)), "root": answer["root"],
        "attributes": len(names) + 1, "context": context.hex(), "scopes": [encoded(one).hex() for one in request["scopes"]], "disclosed": [],
        "predicates": predicates, "presentation": base64.urlsafe_b64decode(answer["presentation"] + "==").hex(), "nullifiers": nullifiers, "valid": True}

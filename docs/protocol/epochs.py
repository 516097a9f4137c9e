"""How a credential changes: the model of renewals and top-ups (encodings.md; the rules: ../living-community.md).

In both a member presents a credential, and a new leaf enters that holds what the old one held and what is added. Nobody asks: both sides
compute the same request. With C' the presentation's credential, base = C' + k h and the new leaf is base + sum delta_i B_i. The member takes
the shift k so that base = C + rho h for a rho that his seed gives. What is hidden is not clamped by who does not see it: for each attribute
that changes by d the presentation proves that there is room, value + d within the domain; a member for whom there is none discloses the
value, and is given what there is room for.
"""
import hashlib
from dataclasses import dataclass
from symbolon_model import *
from entries import Derivation, encode_changes, i64, rising

class LeafError(ProofError):
    """The leaf is not what the presentation's credential leads to."""

@dataclass(frozen=True)
class Addition:
    """What is added to a leaf, and what its holder shows for it."""
    deltas: tuple; disclosed: tuple; predicates: tuple
    @classmethod
    def of(cls, schema, deltas, disclosed):
        shown = dict(disclosed)
        return cls(tuple(deltas), tuple(disclosed), tuple(room(schema, a, d) for a, d in deltas if a not in shown))

def room(schema, attribute, delta):
    """That value + delta is within the domain."""
    _, _, least, greatest = schema[attribute-1]
    return Predicate(((attribute, -1),), delta - greatest) if delta > 0 else Predicate(((attribute, 1),), least - delta)

def addition(schema, amounts, disclosed=()):
    """What amounts, one for each attribute of the schema, come to when these values are disclosed: those, and only those, without room."""
    shown, deltas = dict(disclosed), []
    if not rising([a for a, _ in disclosed]): raise ProofError("values are not disclosed in order")
    for a, ((_, _, least, greatest), d) in enumerate(zip(schema, amounts, strict=True), 1):
        if d and a in shown:
            value = shown.pop(a)
            if not least <= value <= greatest or least <= value + d <= greatest: raise ProofError("a value is disclosed for which there is room")
            d = min(max(value + d, least), greatest) - value
        if d: deltas.append((a, d))
    if shown: raise ProofError("a value is disclosed that does not change")
    return Addition.of(schema, deltas, disclosed)

def disclosure(schema, amounts, values):
    """What the member with these values discloses."""
    return tuple((a, v) for a, ((_, _, least, greatest), d, v) in enumerate(zip(schema, amounts, values, strict=True), 1)
                 if d and not least <= v + d <= greatest)

def top_up_addition(schema, derivation):
    """What a top-up's entry adds. The code's amounts are not in the log: a value that is disclosed has risen to the end of its domain."""
    deltas, disclosed = dict(derivation.deltas), dict(derivation.disclosed)
    for a in deltas.keys() | disclosed.keys():
        if a > len(schema) or schema[a-1][1] != "growing": raise ProofError("a top-up of an attribute that does not grow")
    for a, d in deltas.items():
        if not 0 < d <= schema[a-1][3] - schema[a-1][2]: raise ProofError("an amount that no top-up has")
    for a, value in disclosed.items():
        _, _, least, greatest = schema[a-1]
        if not least <= value <= greatest or value + deltas.get(a, 0) != greatest: raise ProofError("a value is disclosed for which there is room")
    if not deltas and not disclosed: raise ProofError("a top-up of nothing")
    return Addition.of(schema, derivation.deltas, derivation.disclosed)

# ---------------------------------------------------------------- the request, and the new leaf

def h(): return Generators.of(SECP, 256).blinding
def added(base, deltas, sign=1):
    """base + sum delta_i B_i."""
    return SECP.add(base, SECP.msm([sign*d for _, d in deltas], [attribute_base(a) for a, _ in deltas]))

@dataclass(frozen=True)
class Statement:
    """What is proved for a new leaf: against a root of this epoch, with a nullifier for each scope."""
    community: bytes            # id
    schema: list                # as for schema_digest
    epoch: int                  # of the tree that it is proved against
    scopes: tuple               # the first is spent
    head: bytes                 # what the message says besides the leaf
    accounts: tuple = ()        # (epoch, forum) of the other scopes
    def request(self, base, addition):
        """base: 33 bytes. All is bound through the message; nothing in it is fresh, so a repetition gets the answer that was given."""
        message = hashlib.sha256(self.head + base).digest(); expires = 2**63 - 1
        context = context_digest(self.community, schema_digest(self.schema), self.epoch, self.community, message, expires, message)
        request = Request(len(self.schema) + 1, context, self.scopes, addition.disclosed, addition.predicates)
        request.check([(least, greatest) for _, _, least, greatest in self.schema]); return request
    def prove(self, tree, index, attributes, blinding, addition, rho):
        """attributes[0] is the secret, blinding that of the old leaf, rho what the member's seed gives. Returns (Derivation, blinding of the
        new leaf)."""
        base = SECP.add(tree.levels[0][index], SECP.mul(rho, h())); request = self.request(SECP.encode(base), addition)
        presentation, fresh = present(tree, index, attributes, blinding, request); renewed = (blinding + rho) % N
        return Derivation(addition.disclosed, addition.deltas, SECP.encode_scalar((renewed - fresh) % N), presentation,
                          SECP.encode(added(base, addition.deltas))), renewed
    def nullifiers(self, presentation):
        """Those at the head of a presentation, not yet verified."""
        if len(presentation) < 33*len(self.scopes): raise ProofError("presentation length")
        return [presentation[33*i:33*i+33] for i in range(len(self.scopes))]
    def verify(self, depth, root, derivation, addition):
        """root: 33 bytes. Raises a LeafError when the presentation holds and leads to another leaf, else a ProofError."""
        base = added(SECP.decode(derivation.leaf), addition.deltas, -1); shape = Shape(depth, gates=gates_for(depth, len(addition.predicates)))
        if base is None: raise LeafError("a leaf of nothing")
        request = self.request(SECP.encode(base), addition)
        _, credential = verify_presentation(shape, shape.curve(depth).decode(root), derivation.presentation, request)
        if SECP.add(credential, SECP.mul(SECP.decode_scalar(derivation.shift), h())) != base: raise LeafError("a leaf is not the credential and what is added")

def renewal(community, schema, left, entered, rules):
    """The statement of a renewal out of an epoch into another; None when there is none. rules: those of each epoch (`Rules`), by a function.

    A member shows his accounts at every forum from the epoch before the one that is left to the one before the last that settled, so that no
    feedback is lost and none counts twice."""
    if not 1 <= left < entered or entered - left > rules(entered - 1).open: return None
    accounts = tuple((epoch, forum) for epoch in range(max(left - 1, 1), entered - 1) for forum in rules(epoch).forums)
    scopes = (scope("renew", community, left),) + tuple(scope("account", community, epoch, audience=forum) for epoch, forum in accounts)
    return Statement(community, schema, left, scopes, b"SYMBOLON-V01-renewal" + le4(left) + le4(entered), accounts)

def top_up(community, schema, epoch, code):
    """The statement of a top-up; code: hash of the bearer code."""
    return Statement(community, schema, epoch, (scope("top-up", community, epoch, subject=code),), b"SYMBOLON-V01-top-up" + le4(epoch) + code)

# ---------------------------------------------------------------- receipts

def renewal_receipt(community, nullifier, left, entered, deltas, leaf, time):
    """What the log's key signs as the answer to a renewal."""
    return b"SYMBOLON-V01-renewal-receipt" + community + nullifier + le4(left) + le4(entered) + encode_changes(deltas) + leaf + i64(time)

def top_up_receipt(community, code, epoch, deltas, leaf, time, promised_by):
    """What the log's key signs as the answer to a top-up."""
    return b"SYMBOLON-V01-top-up-receipt" + community + code + le4(epoch) + encode_changes(deltas) + leaf + i64(time) + i64(promised_by)

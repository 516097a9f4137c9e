"""Entries of a community's log, byte for byte (encodings.md, log entry). Each class writes and reads one kind; `decode` reads any.

A reader takes exactly what a writer writes; every other form is a ProofError. What an entry may say where is in replay.py.
"""
import re
from dataclasses import dataclass
from symbolon_model import ProofError, SECP, SECQ, le4, varlen

GREATEST_ENTRY = 65535          # tiles hold the length in two bytes
GREATEST_ATTRIBUTES = 32        # of a schema
GREATEST_PRESENTATION = 32768
GREATEST_VALUE = 2**31          # in size, of every domain
ISSUANCE_MESSAGE = 33 + 33 + 64

def i64(value): return int(value).to_bytes(8, "little", signed=True)
def items(encode, values): return le4(len(values)) + b"".join(map(encode, values))
def rising(values): return all(a < b for a, b in zip(values, values[1:]))
def require(condition, what):
    if not condition: raise ProofError(what)

class Reader:
    """Takes a byte string apart, from front to end."""
    def __init__(self, data): self.data, self.at = data, 0
    def take(self, count):
        require(self.at + count <= len(self.data), "too short")
        self.at += count; return self.data[self.at-count:self.at]
    def u32(self): return int.from_bytes(self.take(4), "little")
    def i64(self): return int.from_bytes(self.take(8), "little", signed=True)
    def count(self, most):
        n = self.u32(); require(n <= most, "too many"); return n
    def list(self, most, item): return tuple(item() for _ in range(self.count(most)))
    def string(self, most): return self.take(self.count(most))
    def point(self, curve=SECP):
        encoded = self.take(33); curve.decode(encoded); return encoded
    def scalar(self):
        encoded = self.take(32); SECP.decode_scalar(encoded); return encoded
    def changes(self):
        """(attribute, number) pairs, rising by attribute: values shown, or what is added."""
        out = self.list(GREATEST_ATTRIBUTES, lambda: (self.count(GREATEST_ATTRIBUTES), self.i64()))
        require(rising([0] + [a for a, _ in out]), "attributes do not rise"); return out
    def end(self): require(self.at == len(self.data), "too long")

def encode_changes(changes): return items(lambda c: le4(c[0]) + i64(c[1]), changes)

@dataclass(frozen=True)
class Rules:
    """What holds for the acts of an epoch and for the renewals out of it."""
    minimum: int = 1            # renewals before the next epoch opens, at least
    open: int = 1               # epochs before it out of which the next one takes renewals
    forums: tuple = ()          # ids, rising
    reasons: tuple = ()         # (code, attribute, amount), rising by code
    caps: tuple = ()            # (attribute, most), rising; one for each attribute of a reason
    def check(self):
        require(self.minimum >= 1 and 1 <= self.open <= 4, "numbers of renewals")
        require(len(self.forums) <= 16 and rising(self.forums), "forums")
        require(len(self.reasons) <= 64 and rising([code for code, _, _ in self.reasons]), "reasons")
        require(all(re.fullmatch(rb"[a-z][a-z0-9_-]{0,63}", code) and 1 <= amount <= 1000 for code, _, amount in self.reasons), "a reason")
        require(rising([a for a, _ in self.caps]) and all(1 <= most <= GREATEST_VALUE for _, most in self.caps), "caps")
        require({a for a, _ in self.caps} == {a for _, a, _ in self.reasons}, "caps of other attributes than the reasons'")
    def fits(self, schema):
        """Whether feedback changes the attributes that it is about. schema: as for schema_digest."""
        return all(1 <= a <= len(schema) and schema[a-1][1] == "feedback" for a, _ in self.caps)
    def amounts(self, counts, schema):
        """What these reports on one account, (reason, raised, lowered) each, add to every attribute of the schema; None for other reasons."""
        sums = [0] * len(schema)
        if any(reason >= len(self.reasons) for reason, _, _ in counts): return None
        for reason, raised, lowered in counts: _, a, amount = self.reasons[reason]; sums[a-1] += amount * (raised - lowered)
        for a, most in self.caps: sums[a-1] = min(max(sums[a-1], -most), most)
        return sums
    def encode(self):
        return (le4(self.minimum) + le4(self.open) + items(lambda forum: forum, self.forums)
                + items(lambda r: varlen(r[0]) + le4(r[1]) + i64(r[2]), self.reasons) + encode_changes(self.caps))
    @classmethod
    def read(cls, r):
        attribute = lambda: r.count(GREATEST_ATTRIBUTES)
        rules = cls(r.u32(), r.u32(), r.list(16, lambda: r.take(32)), r.list(64, lambda: (r.string(64), attribute(), r.i64())),
                    r.list(GREATEST_ATTRIBUTES, lambda: (attribute(), r.i64())))
        rules.check(); return rules

@dataclass(frozen=True)
class Derivation:
    """A leaf made of another that nobody but its holder knows: by renewal and by top-up alike (epochs.py)."""
    disclosed: tuple            # values for which there is no room for all that is added
    deltas: tuple               # what is added, zeros left out
    shift: bytes                # added to the blinding of the presentation's credential
    presentation: bytes
    leaf: bytes
    def encode(self):
        return encode_changes(self.disclosed) + encode_changes(self.deltas) + self.shift + varlen(self.presentation) + self.leaf
    @classmethod
    def read(cls, r):
        out = cls(r.changes(), r.changes(), r.scalar(), r.string(GREATEST_PRESENTATION), r.point())
        require(len(out.presentation) >= 33, "too short"); return out

# ---------------------------------------------------------------- the kinds

@dataclass(frozen=True)
class Issued:
    """A leaf by first issuance."""
    epoch: int; index: int; code: bytes; message: bytes; values: tuple; leaf: bytes
    def encode(self): return le4(self.epoch) + le4(self.index) + self.code + self.message + items(i64, self.values) + self.leaf
    @classmethod
    def read(cls, r): return cls(r.u32(), r.u32(), r.take(32), r.take(ISSUANCE_MESSAGE), r.list(GREATEST_ATTRIBUTES, r.i64), r.point())

@dataclass(frozen=True)
class Renewed:
    """A leaf by renewal of a credential of an earlier epoch."""
    epoch: int; index: int; left: int; derivation: Derivation
    @property
    def leaf(self): return self.derivation.leaf
    def encode(self): return le4(self.epoch) + le4(self.index) + le4(self.left) + self.derivation.encode()
    @classmethod
    def read(cls, r): return cls(r.u32(), r.u32(), r.u32(), Derivation.read(r))

@dataclass(frozen=True)
class Removed:
    """A leaf is taken out: its slot is 0 for ever."""
    epoch: int; index: int; leaf: bytes
    def encode(self): return le4(self.epoch) + le4(self.index) + self.leaf
    @classmethod
    def read(cls, r): return cls(r.u32(), r.u32(), r.point())

@dataclass(frozen=True)
class Opened:
    """An epoch begins, with an empty tree of this depth; so many leaves enter it at once, or fewer after so many seconds."""
    epoch: int; depth: int; least: int; seconds: int
    def encode(self): return le4(self.epoch) + le4(self.depth) + le4(self.least) + le4(self.seconds)
    @classmethod
    def read(cls, r):
        out = cls(r.u32(), r.u32(), r.u32(), r.u32())
        require(1 <= out.depth <= 4 and out.least >= 1 and out.seconds >= 1, "numbers of an epoch"); return out

@dataclass(frozen=True)
class Batch:
    """What the tree of an epoch is from here on."""
    epoch: int; depth: int; count: int; root: bytes; schema: bytes; time: int
    def encode(self): return le4(self.epoch) + le4(self.depth) + le4(self.count) + self.root + self.schema + i64(self.time)
    @classmethod
    def read(cls, r):
        epoch, depth, count = r.u32(), r.u32(), r.u32(); require(1 <= depth <= 4, "depth")
        out = cls(epoch, depth, count, r.point(SECQ if depth % 2 else SECP), r.take(32), r.i64())
        require(out.time >= 0, "time below 0"); return out

@dataclass(frozen=True)
class Stated:
    """The rules of the epoch that was opened right before, and of those after it until others are stated."""
    epoch: int; rules: Rules
    def encode(self): return le4(self.epoch) + self.rules.encode()
    @classmethod
    def read(cls, r): return cls(r.u32(), Rules.read(r))

@dataclass(frozen=True)
class Closed:
    """The tree of an epoch is final."""
    epoch: int
    def encode(self): return le4(self.epoch)
    @classmethod
    def read(cls, r): return cls(r.u32())

@dataclass(frozen=True)
class Feedback:
    """Settled feedback on one account: (reason, reports that raise, that lower), rising by reason."""
    epoch: int; audience: bytes; account: bytes; counts: tuple
    def encode(self): return le4(self.epoch) + self.audience + self.account + items(lambda c: b"".join(map(le4, c)), self.counts)
    @classmethod
    def read(cls, r):
        out = cls(r.u32(), r.take(32), r.point(), r.list(64, lambda: (r.u32(), r.u32(), r.u32())))
        require(out.counts and rising([c[0] for c in out.counts]) and all(up or down for _, up, down in out.counts), "counts"); return out

@dataclass(frozen=True)
class ToppedUp:
    """A leaf by top-up of another of the same epoch. root: of the tree that it is proved against, one that the epoch has had."""
    epoch: int; index: int; code: bytes; root: bytes; derivation: Derivation
    @property
    def leaf(self): return self.derivation.leaf
    def encode(self): return le4(self.epoch) + le4(self.index) + self.code + self.root + self.derivation.encode()
    @classmethod
    def read(cls, r): return cls(r.u32(), r.u32(), r.take(32), r.take(33), Derivation.read(r))

TOP_UP_ROOT = slice(1 + 4 + 4 + 32, 1 + 4 + 4 + 32 + 33)       # where it stands in the bytes of a top-up

KINDS = (Issued, Renewed, Removed, Opened, Batch, Stated, Closed, Feedback, ToppedUp)      # 1 and on
def encode(entry): return bytes([1 + KINDS.index(type(entry))]) + entry.encode()
def decode(data):
    require(len(data) <= GREATEST_ENTRY, "too long"); r = Reader(data); kind = r.take(1)[0]
    require(1 <= kind <= len(KINDS), f"unknown kind {kind}"); entry = KINDS[kind-1].read(r); r.end(); return entry

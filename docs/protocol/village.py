"""A small community that lives through three epochs, made by the model: the log that epochs-v1.json holds, and whose log it is.

In the first epoch four members claim, one is taken out, and two are topped up, one of them at the end of a domain. Two renew into the second
epoch, which states other rules; somebody joins it. When it ends, feedback on acts of the first settles: one member takes it all, one has no
room for some, one who skipped the second epoch has room for none. They renew into the third; the last of the second comes later, and is
topped up with nothing, because he has no room.
"""
import copy, hashlib
from dataclasses import replace
from symbolon_model import *
from entries import *
from epochs import addition, disclosure, renewal, top_up
from replay import Replay

VOTES, COMMENTS, GROUP, WARNINGS, STANDING = range(1, 6)
SCHEMA = [("votes", "growing", 0, 1000), ("comments", "growing", 0, 50), ("group", "fixed", 0, 3), ("warnings", "feedback", 0, 10),
          ("standing", "feedback", -20, 20)]
ABUSE, PRAISE, SPAM = range(3)

class Member:
    def __init__(self, community, *values):
        self.community, self.secret, self.blinding, self.values = community, SECP.random_scalar(), SECP.random_scalar(), values
        self.leaves = (self.leaf,)                                  # one after the other
    @property
    def attributes(self): return [self.secret, *self.values]
    @property
    def leaf(self): return SECP.encode(commit(self.attributes, self.blinding))
    def nullifier(self, scope): return SECP.encode(SECP.mul(self.secret, scope_base(scope)))
    def account(self, epoch, forum): return self.nullifier(scope("account", self.community, epoch, audience=forum))
    def claim(self, code, epoch=1):
        """The issuer's entry for a first credential; code: hash of the claim code."""
        message = request_credential(self.secret, self.blinding, b"SYMBOLON-V01-issuance" + self.community + code)
        return Issued(epoch, 0, code, message, self.values, self.leaf)
    def derive(self, statement, depth, leaves, amounts):
        """The leaf that a statement leads to, proved in a tree of these leaves; the member goes on with it."""
        made = addition(SCHEMA, amounts, disclosure(SCHEMA, amounts, self.values)); deltas = dict(made.deltas)
        tree = Tree(Shape(depth, gates=gates_for(depth, len(made.predicates))), [leaf and SECP.decode(leaf) for leaf in leaves])
        derivation, self.blinding = statement.prove(tree, leaves.index(self.leaf), self.attributes, self.blinding, made, SECP.random_scalar())
        self.values = tuple(value + deltas.get(a, 0) for a, value in enumerate(self.values, 1)); self.leaves += (derivation.leaf,)
        return derivation

def placed(new, first):
    """Entries of new leaves in the order and the places that they have in a batch."""
    return [replace(entry, index=first + i) for i, entry in enumerate(sorted(new, key=lambda e: e.leaf))]
def closing(replay, time):
    """The batch that closes what waits."""
    leaves = replay.leaves + [e.leaf for e in replay.waiting]; shape = Shape(replay.current.depth)
    tree = Tree(shape, [None if leaf is None or i in replay.removals else SECP.decode(leaf) for i, leaf in enumerate(leaves)])
    return Batch(replay.epoch, shape.depth, len(leaves), shape.curve(shape.depth).encode(tree.root), replay.digest, time)

class Village:
    def __init__(self, rng):
        key = lambda: rng.randbytes(32)
        self.log_key = key(); self.community = key_id(self.log_key); self.forums = tuple(sorted(key() for _ in range(3))); A, B, _ = self.forums
        self.rules = Rules(2, 2, (A, B), ((b"abuse", WARNINGS, 3), (b"praise", STANDING, 2), (b"spam", WARNINGS, 1)), ((WARNINGS, 5), (STANDING, 4)))
        self.other_rules = Rules(2, 2, self.forums, ((b"praise", STANDING, 1), (b"spam", WARNINGS, 1)), ((WARNINGS, 5), (STANDING, 2)))
        self.replay, self.entries, self.time, self.finals = Replay(self.community, SCHEMA), [], 1_800_000_000, {}
        self.bearer = rng.randbytes(16); self.code = hashlib.sha256(self.bearer).digest()      # of the first top-up
        ann, bob, cleo, dan, eve = self.members = [Member(self.community, *values) for values in (
            (30, 1, 0, 1, 0), (990, 48, 3, 9, 0), (5, 0, 1, 0, -20), (1, 1, 1, 1, 1), (1, 50, 2, 0, 0))]
        # The first epoch.
        self.apply(Opened(1, 1, 2, 100), Stated(1, self.rules)); self.batch()
        self.enter(*(member.claim(key()) for member in (ann, bob, cleo, dan))); self.batch()
        early, early_leaves = copy.copy(ann), list(self.replay.leaves)
        self.apply(Removed(1, self.replay.leaves.index(dan.leaf), dan.leaf)); self.batch()
        self.enter(self.top_up(ann, self.code, 5, 0, 0, 0, 0), self.top_up(bob, key(), 7, 4, 0, 0, 0)); self.batch()
        self.close()
        # The second.
        self.stale = self.renew(early, 1, 2, early_leaves)          # against a root that was replaced
        renewed = [self.renew(ann, 1, 2), self.renew(bob, 1, 2)]
        self.apply(Opened(2, 2, 1, 50), Stated(2, self.other_rules)); self.enter(*renewed); self.batch()
        self.enter(eve.claim(key(), 2)); self.batch()
        self.close(Feedback(1, A, ann.account(1, A), ((PRAISE, 1, 0), (SPAM, 2, 0))), Feedback(1, B, ann.account(1, B), ((ABUSE, 3, 0),)),
                   Feedback(1, A, bob.account(1, A), ((PRAISE, 0, 1),)), Feedback(1, B, bob.account(1, B), ((ABUSE, 1, 0),)),
                   Feedback(1, A, cleo.account(1, A), ((PRAISE, 0, 5), (SPAM, 2, 2))), Feedback(1, B, dan.account(1, B), ((SPAM, 1, 0),)))
        # The third.
        renewed = [self.renew(ann, 2, 3), self.renew(bob, 2, 3), self.renew(cleo, 1, 3)]
        self.apply(Opened(3, 1, 1, 50)); self.enter(*renewed); self.batch()
        self.enter(self.renew(eve, 2, 3)); self.batch()
        self.enter(self.top_up(eve, key(), 0, 9, 0, 0, 0)); self.batch()
        assert [m.values for m in (ann, bob, cleo, eve)] == [(35, 1, 0, 8, 2), (997, 50, 3, 10, -2), (5, 0, 1, 0, -20), (1, 50, 2, 0, 0)]
    def apply(self, *new):
        for entry in new: self.entries.append(encode(entry)); self.replay.apply(self.entries[-1])
    def enter(self, *new): self.apply(*placed(new, len(self.replay.leaves)))
    def batch(self): self.time += 10; self.apply(closing(self.replay, self.time))
    def close(self, *feedback):
        self.apply(Closed(self.replay.epoch), *sorted(feedback, key=lambda f: f.audience + f.account)); self.batch()
        self.finals[self.replay.epoch] = list(self.replay.leaves)
    def renew(self, member, left, entered, leaves=None):
        statement = renewal(self.community, SCHEMA, left, entered, self.replay.rules)
        amounts = self.replay.feedback(statement, [member.nullifier(scope) for scope in statement.scopes])
        return Renewed(entered, 0, left, member.derive(statement, self.replay.epochs[left-1].depth, leaves or self.finals[left], amounts))
    def top_up(self, member, code, *amounts):
        epoch, current = self.replay.epoch, self.replay.current; statement = top_up(self.community, SCHEMA, epoch, code)
        return ToppedUp(epoch, 0, code, current.roots[-1], member.derive(statement, current.depth, self.replay.leaves, amounts))

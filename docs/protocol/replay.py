"""The rules of a community's log, and the tree that it makes (../log.md#rules): a second implementation, which shares no code with the Swift.

`Replay` applies entries one by one. What breaks a rule raises a Violation with the rule's name in that table. `format` stands for bytes that are
no entry, `issuance` and `presentation` for proofs that do not hold.
"""
from symbolon_model import *
from entries import Batch, Closed, Feedback, Issued, Opened, Removed, Renewed, Rules, Stated, ToppedUp, decode
from epochs import LeafError, addition, renewal, top_up, top_up_addition

class Violation(Exception):
    def __init__(self, position, rule, what): super().__init__(f"entry {position}: {rule}: {what}"); self.position, self.rule = position, rule

class Epoch:
    def __init__(self, opened, rules):
        self.depth, self.least, self.seconds, self.rules = opened.depth, opened.least, opened.seconds, rules
        self.closed, self.roots = False, []                         # roots of its batches, the last of them final once it is closed

def capacity(depth):
    shape = Shape(depth); out = 1
    for level in range(1, depth + 1): out *= shape.width(level)
    return out

class Replay:
    def __init__(self, community, schema, recomputed=lambda position, root: True):
        """community: id. recomputed: whether the root of the batch in this position is computed from the leaves. That of an epoch's final tree
        always is: renewals are proved against it."""
        self.community, self.schema, self.digest, self.recomputed = community, schema, schema_digest(schema), recomputed
        self.position, self.epochs, self.leaves, self.waiting, self.removals = 0, [], [], [], []
        self.behind_opening = self.behind_batch = self.settling = False
        self.time, self.intake = None, None                         # of the last batch, and of the last that took in leaves or began an epoch
        self.seen, self.taken_out, self.codes, self.blanks, self.renewed = set(), set(), set(), set(), set()
        self.settled, self.last_settled = {}, None
        self.batches, self.count = 0, {Issued: 0, Renewed: 0, ToppedUp: 0, Removed: 0}
    @property
    def epoch(self): return len(self.epochs)
    @property
    def current(self): return self.epochs[-1]
    def rules(self, epoch):
        """Those of the last epoch hold for the next until it states its own."""
        return self.epochs[min(epoch, self.epoch) - 1].rules
    def require(self, condition, rule, what):
        if not condition: raise Violation(self.position, rule, what)
    def proved(self, rule, verify, *arguments):
        """What verify returns; its errors break the rule."""
        try: return verify(*arguments)
        except ProofError as error: raise Violation(self.position, rule, str(error)) from error

    def apply(self, data):
        entry = self.proved("format", decode, data); kind = type(entry)
        {Issued: self.issue, Renewed: self.renew, Removed: self.remove, Opened: self.open, Batch: self.batch, Stated: self.state, Closed: self.close,
         Feedback: self.settle, ToppedUp: self.top_up}[kind](entry)
        self.behind_opening, self.behind_batch = kind is Opened, kind is Batch; self.position += 1
    def end(self): self.require(self.behind_batch, "log-unfinished", "the log does not end with a batch")

    # ------------------------------------------------------------ epochs

    def open(self, entry):
        begun = not self.epochs or self.current.roots
        self.require(not self.waiting and not self.removals and not self.settling and begun, "log-unfinished", "something waits for its batch")
        self.require(entry.epoch == self.epoch + 1, "log-epoch", "not the next epoch")
        self.require(not self.epochs or self.current.closed, "log-epoch-closed", "the epoch before is not closed")
        self.epochs.append(Epoch(entry, self.current.rules if self.epochs else Rules())); self.leaves = []
    def state(self, entry):
        self.require(self.behind_opening and entry.epoch == self.epoch, "log-rules", "rules do not stand behind the opening of their epoch")
        self.require(entry.rules.fits(self.schema), "log-rules", "rules about an attribute that feedback does not change")
        self.current.rules = entry.rules
    def close(self, entry):
        self.require(self.epochs and entry.epoch == self.epoch, "log-epoch", "not the current epoch is closed")
        self.require(not self.waiting and not self.removals and self.current.roots, "log-unfinished", "something waits for its batch")
        self.require(not self.current.closed, "log-epoch-closed", "an epoch is closed twice")
        self.current.closed = self.settling = True; self.last_settled = None
    def settle(self, entry):
        self.require(self.settling, "log-feedback", "feedback does not stand behind the closing of an epoch")
        self.require(self.epoch >= 2 and entry.epoch == self.epoch - 1, "log-feedback", "feedback is not about the epoch before the one that is closed")
        rules = self.rules(entry.epoch); self.require(entry.audience in rules.forums, "log-feedback", "feedback of a forum that may not report")
        amounts = rules.amounts(entry.counts, self.schema); self.require(amounts is not None, "log-feedback", "feedback for no reason of the rules")
        order = entry.audience + entry.account
        self.require(self.last_settled is None or self.last_settled < order, "log-feedback", "feedback is repeated or out of order")
        self.last_settled = order; self.settled[entry.epoch, entry.audience, entry.account] = amounts

    # ------------------------------------------------------------ leaves

    def new_leaf(self, entry):
        """What holds for every new leaf."""
        self.require(self.epochs and entry.epoch == self.epoch, "log-epoch", "a leaf of another epoch")
        self.require(not self.current.closed, "log-epoch-closed", "a leaf enters a closed epoch")
        self.require(entry.index == len(self.leaves) + len(self.waiting), "log-index", "a leaf is out of place")
        self.require(entry.index < capacity(self.current.depth), "log-tree", "the tree is full")
        self.require(not self.waiting or self.waiting[-1].leaf <= entry.leaf, "log-order", "leaves are not in the order of their bytes")
        self.require(entry.leaf not in self.taken_out, "log-restored", "a leaf that was taken out comes back")
        self.require(entry.leaf not in self.seen, "log-leaf-repeated", "a leaf is repeated")
        self.seen.add(entry.leaf); self.waiting.append(entry)
    def use(self, code):
        self.require(code not in self.codes, "log-code-repeated", "a code is used again"); self.codes.add(code)
    def issue(self, entry):
        self.new_leaf(entry); self.use(entry.code); blank = entry.message[:33]
        self.require(blank not in self.blanks, "log-blank-repeated", "a commitment is repeated"); self.blanks.add(blank)
        self.require(len(entry.values) == len(self.schema), "value-count", "not a value for each attribute")
        for (name, _, least, greatest), value in zip(self.schema, entry.values):
            self.require(least <= value <= greatest, "value-out-of-domain", f"{name} is outside of its domain")
        # `issue` of the model takes the code itself; the log holds its hash.
        context = b"SYMBOLON-V01-issuance" + self.community + entry.code
        leaf = self.proved("issuance", issue, entry.message, entry.values, context)
        self.require(leaf is not None and SECP.encode(leaf) == entry.leaf, "log-leaf", "a leaf is not its commitment and values")
    def renew(self, entry):
        self.new_leaf(entry); derivation = entry.derivation
        open = 1 <= entry.left <= self.epoch and self.epochs[entry.left-1].closed
        statement = renewal(self.community, self.schema, entry.left, entry.epoch, self.rules) if open else None
        self.require(statement is not None, "log-renewal", f"no renewals out of epoch {entry.left} into {entry.epoch}")
        nullifiers = self.proved("presentation", statement.nullifiers, derivation.presentation)
        once = entry.left, nullifiers[0]
        self.require(once not in self.renewed, "log-renewal-repeated", "somebody renews twice"); self.renewed.add(once)
        expected = self.proved("log-deltas", addition, self.schema, self.feedback(statement, nullifiers), derivation.disclosed)
        self.require(expected.deltas == derivation.deltas, "log-deltas", "what is added is not the settled feedback on the accounts shown")
        left = self.epochs[entry.left-1]; self.verify(statement, left.depth, left.roots[-1], derivation, expected)
    def feedback(self, statement, nullifiers):
        """The settled feedback on the accounts of a renewal, for each attribute of the schema."""
        none = [0] * len(self.schema); marks = [(epoch, forum, n) for (epoch, forum), n in zip(statement.accounts, nullifiers[1:])]
        return [sum(column) for column in zip(none, *(self.settled.get(mark, none) for mark in marks))]
    def top_up(self, entry):
        self.new_leaf(entry); self.use(entry.code)
        self.require(entry.root in self.current.roots, "log-top-up", "a top-up is proved against no root that the epoch has had")
        allowed = self.proved("log-deltas", top_up_addition, self.schema, entry.derivation)
        self.verify(top_up(self.community, self.schema, self.epoch, entry.code), self.current.depth, entry.root, entry.derivation, allowed)
    def verify(self, statement, depth, root, derivation, addition):
        try: statement.verify(depth, root, derivation, addition)
        except LeafError as error: raise Violation(self.position, "log-leaf", str(error)) from error
        except ProofError as error: raise Violation(self.position, "presentation", str(error)) from error
    def remove(self, entry):
        self.require(self.epochs and entry.epoch == self.epoch, "log-epoch", "a removal from another epoch")
        self.require(not self.current.closed, "log-epoch-closed", "a leaf leaves a closed epoch")
        stands = entry.index < len(self.leaves) and self.leaves[entry.index] == entry.leaf and entry.index not in self.removals
        self.require(stands, "log-removal", "a removal names no leaf of the tree"); self.removals.append(entry.index); self.taken_out.add(entry.leaf)

    # ------------------------------------------------------------ batches

    def batch(self, entry):
        self.require(self.epochs and entry.epoch == self.epoch, "log-epoch", "a batch of another epoch"); epoch = self.current; new = len(self.waiting)
        self.require(entry.schema == self.digest, "log-schema", "a batch of another schema")
        self.require(self.time is None or entry.time >= self.time, "log-time", "time goes back")
        if self.epoch > 1 and not epoch.roots:
            # An epoch opens with those who renewed into it, all at once; no time that passes makes up for them.
            renewals = sum(type(e) is Renewed for e in self.waiting); least = self.rules(self.epoch - 1).minimum
            self.require(renewals >= least, "log-epoch-too-small", f"an epoch opens with {renewals} renewals, not {least}")
        else:
            waited = 0 if self.intake is None else entry.time - self.intake
            self.require(not new or new >= epoch.least or waited >= epoch.seconds, "log-batch-too-small", "a batch is too small")
        self.leaves += [e.leaf for e in self.waiting]
        for index in self.removals: self.leaves[index] = None
        self.require((entry.depth, entry.count) == (epoch.depth, len(self.leaves)), "log-shape", "a batch states another depth or number of leaves")
        if epoch.closed or self.recomputed(self.position, entry.root):
            shape = Shape(epoch.depth); tree = Tree(shape, [None if leaf is None else SECP.decode(leaf) for leaf in self.leaves])
            self.require(shape.curve(shape.depth).encode(tree.root) == entry.root, "log-root", "a batch's root is not the tree's")
        for e in self.waiting: self.count[type(e)] += 1
        self.count[Removed] += len(self.removals); self.batches += 1
        if new or not epoch.roots: self.intake = entry.time
        epoch.roots.append(entry.root); self.time, self.settling, self.waiting, self.removals = entry.time, False, [], []

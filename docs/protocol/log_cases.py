"""What breaks the rules of a log, as entries behind the beginning of an honest one (village.py): (entries of it before, entries, rule) each.

Honest entries go by their numbers: 0 epoch 1 opened, 1 rules, 2 batch; 3-6 claims, 7 batch; 8 removal, 9 batch; 10, 11 top-ups, 12 batch;
13 closed, 14 batch; 15 epoch 2 opened, 16 rules, 17, 18 renewals, 19 batch; 20 claim, 21 batch; 22 closed, 23-28 feedback, 29 batch; 30 epoch 3
opened, 31-33 renewals, 34 batch; 35 renewal, 36 batch; 37 top-up, 38 batch.
"""
import copy
from dataclasses import replace
from symbolon_model import *
from entries import *
from epochs import added
from replay import Replay
from village import *

def derived(entry, **parts): return replace(entry, derivation=replace(entry.derivation, **parts))
def changed(data, at, new): return data[:at] + new + data[at+len(new):]
def flipped(data, at): return changed(data, at, bytes([data[at] ^ 1]))

def off_curve(curve): return b"\2" + next(x for x in range(1, 99) if sqrt(mpz(x)**3 + 7, curve.p) is None).to_bytes(32, "big")

class Cases:
    def __init__(self, village, rng):
        self.village, self.key = village, lambda: rng.randbytes(32); self.honest = [decode(entry) for entry in village.entries]
        self.states = [Replay(village.community, SCHEMA)]            # after so many entries
        for entry in village.entries: self.states.append(copy.deepcopy(self.states[-1])); self.states[-1].apply(entry)
        # Behind every leaf that waits, by their bytes.
        self.high = max((SECP.encode(SECP.mul(SECP.random_scalar(), BASE_POINT)) for _ in range(99)))
        self.stranger = max((Member(village.community, 1, 1, 1, 1, 1) for _ in range(30)), key=lambda member: member.leaf)
    def __iter__(self):
        for group in (self.beginning, self.epochs, self.feedback, self.minimum, self.issuance, self.removals, self.batches, self.renewals,
                      self.presentations, self.top_ups, self.formats, self.format_of_rules): yield from group()
    def number(self, member, at):
        """Number of the entry of a member's leaf: 0 that of his claim, 1 the next."""
        leaf = self.village.members[member].leaves[at]
        return next(n for n, e in enumerate(self.honest) if type(e) in (Issued, Renewed, ToppedUp) and e.leaf == leaf)
    def to_batch(self, n, entry, rule):
        """In the place of an honest entry, with those behind it up to their batch: proofs are looked at when the batch closes."""
        end = next(i for i in range(n, len(self.honest)) if type(self.honest[i]) is Batch); return n, [entry] + self.honest[n+1:end+1], rule

    def beginning(self):
        e = self.honest; opened = e[0]
        for entry in (e[3], e[8], e[2], e[13], e[17], e[10]): yield 0, [entry], "log-epoch"
        yield 0, [e[1]], "log-rules"
        yield 0, [e[23]], "log-feedback"
        for epoch in (0, 2): yield 0, [replace(opened, epoch=epoch)], "log-epoch"
    def epochs(self):
        e = self.honest; second = e[15]
        for after in (1, 4, 9, 14): yield after, [second], "log-unfinished"
        for after in (1, 4, 9): yield after, [e[13]], "log-unfinished"
        yield 3, [second], "log-epoch-closed"
        for epoch in (1, 3): yield 15, [replace(second, epoch=epoch)], "log-epoch"
        for epoch in (0, 2): yield 13, [Closed(epoch)], "log-epoch"
        for after in (14, 15):
            for entry in (e[13], replace(e[3], index=6), replace(e[10], index=6), Removed(1, 0, e[3].leaf)): yield after, [entry], "log-epoch-closed"
        yield 15, [replace(e[14], time=e[14].time + 1)], ""
        for rules in (Rules(), replace(self.village.rules, minimum=2**32 - 1, open=4)): yield 1, [Stated(1, rules)], ""
        for after in (2, 3, 14): yield after, [e[1]], "log-rules"
        for after in (1, 15): yield after, [Stated(2, Rules())], "log-rules"
        for a in (0, VOTES, GROUP, 6, 32): yield 1, [Stated(1, Rules(reasons=((b"x", a, 1),), caps=((a, 1),)))], "log-rules"
    def feedback(self):
        e = self.honest; first = e[23]
        for after in (14, 22, 24, 25, 30, 31): yield after, [first], "log-feedback"
        yield 14, [replace(first, epoch=0)], "log-feedback"
        for parts in (dict(epoch=0), dict(epoch=2), dict(audience=self.village.forums[2]), dict(counts=((3, 1, 0),)),
                      dict(counts=((0, 1, 0), (2**32 - 1, 1, 0)))): yield 23, [replace(first, **parts)], "log-feedback"
        yield 23, [e[26], first], "log-feedback"
    def minimum(self):
        e = self.honest; joined = replace(self.stranger.claim(self.key(), 2), index=1)
        for entries in ([], e[17:18], [e[17], joined]): yield 17, entries + [replace(e[19], time=2**63 - 1)], "log-epoch-too-small"
        yield 16, e[17:20], ""                                      # the rules of the epoch before hold on
    def issuance(self):
        a, b, c, d = self.honest[3:7]; issued = (lambda **parts: replace(a, **parts)); least = self.honest[7]
        for epoch in (0, 2): yield 3, [issued(epoch=epoch)], "log-epoch"
        for after, entry, index in ((3, a, 1), (3, a, 2**32 - 1), (4, b, 0), (4, b, 2)): yield after, [replace(entry, index=index)], "log-index"
        yield 3, [replace(b, index=0), replace(a, index=1)], "log-order"
        yield 4, [issued(index=1)], "log-leaf-repeated"
        yield 4, [replace(b, code=a.code)], "log-code-repeated"
        yield 4, [replace(b, message=a.message)], "log-blank-repeated"
        for values in (a.values[:4], a.values + (0,), ()): yield 3, [issued(values=values)], "value-count"
        for values in ((1001, 0, 0, 0, 0), (-1, 0, 0, 0, 0), (0, 0, 4, 0, 0), (0, 0, 0, 0, -21)): yield 3, [issued(values=values)], "value-out-of-domain"
        yield 3, [a, replace(b, values=(b.values[0] + 1, *b.values[1:])), least], "log-leaf"
        for message in (flipped(b.message, 129), flipped(b.message, 70), changed(b.message, 33, b"\4"), changed(b.message, 66, b"\xff" * 32)):
            yield 3, [a, replace(b, message=message), least], "issuance"
        yield 3, [a, replace(b, code=self.key()), least], "issuance"
    def removals(self):
        e = self.honest; gone = e[8]; stays, taken = (next(i for i in e[3:7] if (i.leaf == gone.leaf) == out) for out in (False, True))
        for after in (6, 7, 9, 10): yield after, [gone], "log-removal"
        for index in (gone.index ^ 1, 4, 2**32 - 1): yield 8, [replace(gone, index=index)], "log-removal"
        for epoch in (0, 2): yield 8, [replace(gone, epoch=epoch)], "log-epoch"
        for after in (9, 10): yield after, [replace(taken, index=4)], "log-restored"
        yield 20, [replace(taken, epoch=2, index=2)], "log-restored"
        yield 10, [replace(stays, index=4)], "log-leaf-repeated"
        yield 17, [derived(e[17], leaf=stays.leaf)], "log-leaf-repeated"
    def batches(self):
        e = self.honest; first, claims = e[2], e[7]; alone = copy.deepcopy(self.states[3]); alone.apply(encode(e[3]))
        yield 2, [e[3], replace(claims, time=2**63 - 1)], "log-batch-too-small"      # no time has passed when the first epoch begins
        yield 3, [e[3], closing(alone, first.time + 99)], "log-batch-too-small"
        yield 3, [e[3], closing(alone, first.time + 100)], ""
        yield 3, [first], ""
        for parts, rule in ((dict(epoch=2), "log-epoch"), (dict(schema=self.key()), "log-schema"), (dict(time=first.time - 1), "log-time"),
                            (dict(count=3), "log-shape"), (dict(count=5), "log-shape"), (dict(depth=3), "log-shape"),
                            (dict(depth=2, root=e[19].root), "log-shape"), (dict(root=first.root), "log-root")):
            yield 7, [replace(claims, **parts)], rule
        for n in (9, 14): yield n, [replace(e[n], root=claims.root)], "log-root"
    def renewals(self):
        e = self.honest; ann, bob, cleo = self.number(0, 3), self.number(1, 3), self.number(2, 1)
        for left in (0, 2, 3, 2**32 - 1): yield 17, [replace(e[17], left=left)], "log-renewal"
        yield 35, [replace(e[35], left=3)], "log-renewal"
        one_epoch = [Stated(2, replace(self.village.other_rules, open=1))] + e[17:31]
        yield 16, one_epoch + [replace(e[cleo], index=0)], "log-renewal"             # from 1 to 3
        again = derived(e[self.number(0, 2)], leaf=self.high)
        yield 19, [replace(again, index=2)], "log-renewal-repeated"
        yield 31, [replace(again, epoch=3, index=0)], "log-renewal-repeated"        # from 1 to 3 after 1 to 2
        yield 31, [derived(e[31], presentation=e[31].derivation.presentation[:98])], "presentation"
        for n in (ann, bob, cleo):
            made = e[n].derivation; deltas = dict(made.deltas); warnings, standing = deltas.get(WARNINGS, 0), deltas.get(STANDING, 0)
            for wrong in ({}, {**deltas, WARNINGS: 0}, {**deltas, WARNINGS: warnings + 1}, {**deltas, STANDING: standing - 1},
                          {**deltas, VOTES: 1}, {**deltas, 7: 1}):
                if wrong != deltas: yield n, [derived(e[n], deltas=tuple(sorted(wrong.items())))], "log-deltas"
            for shown in ({}, {WARNINGS: 5}, {WARNINGS: 11}, {WARNINGS: -2**63}, {STANDING: 0}, {VOTES: 1}, {6: 0},
                          {WARNINGS: 10, STANDING: 20}, {WARNINGS: 9, STANDING: -21}):
                if shown != dict(made.disclosed): yield n, [derived(e[n], disclosed=tuple(shown.items()))], "log-deltas"
        shown = derived(e[bob], disclosed=((WARNINGS, 8),), deltas=((WARNINGS, 2), (STANDING, -2)))
        yield self.to_batch(bob, shown, "presentation")                              # not his value
        forum = self.village.forums[1]; stranger = self.village.members[3]
        yield ann, [derived(e[ann], presentation=changed(e[ann].derivation.presentation, 66, stranger.account(1, forum)))], "log-deltas"
        yield self.to_batch(35, derived(e[35], presentation=changed(e[35].derivation.presentation, 66, stranger.account(2, forum))), "presentation")
    def presentations(self):
        """Proofs of renewals and top-ups."""
        e = self.honest
        for n in (10, 18, 35):
            made = e[n].derivation; data = made.presentation; middle = len(data) // 2
            for wrong in (flipped(data, 10), flipped(data, middle), flipped(data, len(data) - 1), data[:-1], data + b"\0", changed(data, 0, b"\5")):
                yield self.to_batch(n, derived(e[n], presentation=wrong), "presentation")
            yield self.to_batch(n, derived(e[n], shift=SECP.encode_scalar(1)), "log-leaf")
        votes = (SECP.encode(added(SECP.decode(e[18].leaf), ((VOTES, d),))) for d in range(1, 100))
        yield self.to_batch(18, derived(e[18], leaf=next(leaf for leaf in votes if leaf > e[17].leaf)), "presentation")
        pair = [self.village.stale, e[self.number(1, 2)]]
        yield 17, placed(pair, 0) + e[19:20], "presentation"                         # against a root that was replaced
    def top_ups(self):
        e = self.honest; one = e[10]; ann = self.number(0, 1); elsewhere = derived(one, leaf=self.high)
        for root in (e[19].root, e[36].root, one.root[:1] + self.key(), bytes(33)): yield 10, [replace(one, root=root)], "log-top-up"
        yield 37, [replace(e[37], root=e[14].root)], "log-top-up"                    # of an earlier epoch
        yield 17, [replace(elsewhere, epoch=2, index=0, code=self.key())], "log-top-up"             # before there is any
        yield self.to_batch(10, replace(one, root=e[7].root), "presentation")        # of this epoch, and not the one
        yield 10, [replace(one, epoch=2)], "log-epoch"
        yield 10, [replace(one, index=5)], "log-index"
        yield 10, [replace(one, code=e[3].code)], "log-code-repeated"
        yield 12, [replace(elsewhere, index=6)], "log-code-repeated"
        yield 37, [replace(elsewhere, epoch=3, index=4, root=e[37].root)], "log-code-repeated"
        yield 21, [replace(self.stranger.claim(one.code, 2), index=3)], "log-code-repeated"
        yield self.to_batch(10, replace(one, code=self.key()), "presentation")
        for deltas in ({}, {VOTES: 0}, {VOTES: -1}, {VOTES: 1001}, {VOTES: 2**63 - 1}, {GROUP: 1}, {WARNINGS: 1}, {6: 1}, {VOTES: 1, STANDING: 1}):
            yield 10, [derived(one, deltas=tuple(deltas.items()), disclosed=())], "log-deltas"
        for shown in ({VOTES: 1000}, {VOTES: 996}, {VOTES: -2**63}, {COMMENTS: 49}, {COMMENTS: 51}, {COMMENTS: 2**63 - 1}, {GROUP: 3}, {6: 0}):
            yield 10, [derived(one, deltas=((VOTES, 5),), disclosed=tuple(shown.items()))], "log-deltas"
        yield 37, [derived(e[37], disclosed=())], "log-deltas"                       # nothing
        for deltas, shown in (({VOTES: 6}, {}), ({VOTES: 5}, {VOTES: 995}), ({VOTES: 5}, {COMMENTS: 50}), ({VOTES: 5, COMMENTS: 1}, {})):
            yield self.to_batch(ann, derived(e[ann], deltas=tuple(deltas.items()), disclosed=tuple(shown.items())), "presentation")
    def formats(self):
        data, e = self.village.entries, self.honest; broken = lambda entry: (0, [entry], "format")
        for entry in (b"", b"\0", bytes(40), b"\x0a" + data[13][1:]): yield broken(entry)
        for n in (0, 1, 2, 3, 8, 10, 13, 17, 23): yield from map(broken, (data[n][:-1], data[n] + b"\0", data[n][:1]))
        # Depth, least and seconds of an epoch; renewals and forums of rules; depth of a batch; counts of feedback; length of a presentation.
        size = lambda n: len(data[n]) - 33 - len(e[n].derivation.presentation) - 4
        for n, at, number in ((0, 5, 0), (0, 5, 5), (0, 9, 0), (0, 13, 0), (1, 5, 0), (1, 9, 0), (1, 9, 5), (1, 13, 17), (2, 5, 0), (2, 5, 5),
                              (23, 70, 0), (23, 70, 65), (17, size(17), 32769), (10, size(10), 32769)): yield broken(changed(data[n], at, le4(number)))
        yield broken(changed(data[2], len(data[2]) - 8, i64(-1)))
        for curve, n, at in ((SECQ, 2, 13), *((SECP, n, len(data[n]) - 33) for n in (3, 8, 10, 17))):
            for new in (b"\0", b"\4", b"\2" + b"\xff" * 32, off_curve(curve)): yield broken(changed(data[n], at, new))
        for counts in ((), ((0, 0, 0),), ((1, 1, 0), (0, 1, 0)), ((1, 1, 0), (1, 1, 0))): yield broken(replace(e[23], counts=counts))
        yield broken(replace(e[23], account=bytes(33)))
        for n in (10, 17):
            for parts in (dict(shift=SECP.encode_scalar(N)), dict(presentation=bytes(32))): yield broken(derived(e[n], **parts))
            for changes in (((0, 1),), ((33, 1),), ((2, 1), (1, 1)), ((1, 1), (1, 1)), tuple((i, 1) for i in range(33))):
                yield broken(derived(e[n], deltas=changes)); yield broken(derived(e[n], disclosed=changes))
    def format_of_rules(self):
        rules = self.village.rules; A, B = rules.forums; reasons, (warnings, standing) = rules.reasons, rules.caps
        for forums in ((B, A), (A, A), tuple(sorted(self.key() for _ in range(17)))): yield 0, [Stated(1, replace(rules, forums=forums))], "format"
        for more in ((b"", 4, 1), (b"A", 4, 1), (b"a b", 4, 1), (b"a" * 65, 4, 1), (b"a", 4, 0), (b"a", 4, 1001), (b"a", 4, -1), (b"a", 33, 1),
                     (b"a", 1, 1), (b"b", 4, 1)):
            yield 0, [Stated(1, replace(rules, reasons=(more,) + reasons))], "format"
        yield 0, [Stated(1, replace(rules, reasons=reasons + reasons[2:]))], "format"
        for caps in ((), (warnings,), (standing, warnings), (warnings, warnings, standing), (warnings, standing, (6, 1)), (warnings, (5, 0)),
                     (warnings, (5, -1)), (warnings, (5, 2**31 + 1))):
            yield 0, [Stated(1, replace(rules, caps=caps))], "format"

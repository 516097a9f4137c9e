"""Writes epochs-v1.json: what a community's log says of its epochs, and what renewals and top-ups prove, as the model has it.

Run: python3 make_epoch_vectors.py > ../../Tests/Vectors/epochs-v1.json; the output is the same each time. Byte strings are lower-case hex.

community    its description, as in community.json
codes        bearer codes, their hash and texts
forums, schemas    to which the others refer by their place
amounts      what reports come to by rules of an epoch, whose entry is given; null for a reason that they do not have
statements   scopes of renewals, and the request when nothing is added; null where there is no renewal. rules: [open renewals, forums] by epoch
renewals     what settles of `amounts` when values are disclosed, and the request; null where they must not be
top_ups      the same for deltas that the entry of a top-up states
log          entries of a community that lives through three epochs (village.py), with nine proofs of the model
cases        entries behind the first `after` of that log (log_cases.py), the rule that is broken ("" for none) and in which position. An
             entry is hex, or [number, at, count, hex]: that entry of the log with `count` bytes from `at` on replaced
messages     what members sent for entries of that log, as JSON, and the bytes that the log's key signs in answer
"""
import base64, copy, hashlib, json, random, sys
import symbolon_model as model
from symbolon_model import *
from entries import *
from epochs import *
from replay import Violation
from log_cases import Cases
from village import SCHEMA, Village

rng = random.Random("symbolon epochs 1")
# The model draws secrets from the system; vectors are to be reproducible.
model.secrets = type("seeded", (), {"randbelow": staticmethod(lambda n: rng.randrange(n)), "token_bytes": staticmethod(lambda n: rng.randbytes(n))})
some_point = lambda: SECP.encode(SECP.mul(SECP.random_scalar(), BASE_POINT))
changes = lambda pairs: [list(pair) for pair in pairs]

village = Village(rng); ID, FORUMS = village.community, village.forums
WIDE = [("a", "growing", -2**31, 2**31), ("b", "feedback", -2**31, 2**31), ("c", "growing", 5, 5), ("d", "feedback", 0, 1), ("e", "fixed", 0, 9)]
SCHEMAS = [SCHEMA, WIDE]
def schema_json(schema): return [dict(name=name, kind=kind, least=least, greatest=greatest) for name, kind, least, greatest in schema]

def code_text(label, code):
    """28 digits of Crockford's base 32: 16 bytes and 12 bits of checksum."""
    bits = int.from_bytes(code + hashlib.sha256(label + code).digest()[:2], "big") >> 4
    digits = "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[bits >> 5*i & 31] for i in reversed(range(28)))
    return "-".join(digits[i:i+4] for i in range(0, 28, 4))
def claim_text(code): return code_text(b"SYMBOLON-V01-claim-code", code)
def top_up_text(code): return code_text(b"SYMBOLON-V01-top-up-code", code)
def codes():
    for code in (bytes(16), b"\xff" * 16, rng.randbytes(16), rng.randbytes(16)):
        yield dict(bytes=code.hex(), hash=hashlib.sha256(code).hexdigest(), claim=claim_text(code), top_up=top_up_text(code))

def amounts():
    reasons = tuple((b"r%02d" % i, 4 + i % 2, 1 + 999 * (i % 3 == 0)) for i in range(64))
    many = Rules(2**32 - 1, 4, tuple(sorted(rng.randbytes(32) for _ in range(16))), reasons, ((4, 2**31), (5, 1)))
    for rules in (Rules(), village.rules, village.other_rules, many):
        for _ in range(8):
            chosen = sorted(rng.sample(range(len(rules.reasons) + 1), rng.randrange(1, min(8, len(rules.reasons) + 2))))
            counts = [(i, rng.choice((0, 1, 7, 2**32 - 1)), rng.choice((1, 2, 7, 2**32 - 1))) for i in chosen]
            yield dict(entry=encode(Stated(7, rules)).hex(), counts=changes(counts), amounts=rules.amounts(counts, SCHEMA))

def statements():
    nothing = Addition((), (), ())
    for _ in range(60):
        rules = [Rules(open=rng.randrange(1, 5), forums=tuple(sorted(rng.sample(FORUMS, rng.randrange(4))))) for _ in range(rng.randrange(1, 7))]
        left = rng.randrange(0, len(rules) + 1); entered = min(left + rng.randrange(0, 6), len(rules) + 1) or 1; base = some_point()
        statement = renewal(ID, SCHEMA, left, entered, lambda epoch: rules[epoch-1])
        yield dict(rules=[[r.open, [FORUMS.index(f) for f in r.forums]] for r in rules], left=left, entered=entered, base=base.hex(),
                   scopes=statement and [s.hex() for s in statement.scopes], request=statement and statement.request(base, nothing).encode().hex())

def result(statement, base, make):
    """What is added, and the request."""
    try: made = make(); return dict(added=changes(made.deltas), request=statement.request(base, made).encode().hex())
    except ProofError: return dict(added=None, request=None)
def renewals():
    for i in range(80):
        schema, base = SCHEMAS[i % 2], some_point(); inside = lambda least, greatest: rng.choice((least, greatest, rng.randrange(least, greatest + 1)))
        raw = [rng.choice((0, 0, 1, -1, 3, -3, 40, -2**31, 2**32)) if kind == "feedback" or rng.random() < 0.2 else 0 for _, kind, *_ in schema]
        shown = list(disclosure(schema, raw, [inside(least, greatest) for _, _, least, greatest in schema]))
        match rng.randrange(8):
            case 0: shown = shown[::-1]
            case 1: shown = shown[1:]
            case 2: shown = sorted(dict(shown + [(a := rng.randrange(1, 7), rng.choice((0, 10, 11, 2**31, 2**31 + 1, -2**63)))]).items())
        yield dict(schema=i % 2, base=base.hex(), amounts=raw, disclosed=changes(shown)) | result(
            renewal(ID, schema, 1, 2, lambda _: Rules()), base, lambda: addition(schema, raw, tuple(shown)))
def top_ups():
    code = rng.randbytes(32)
    for i in range(80):
        schema, base = SCHEMAS[i % 2], some_point(); deltas, shown = {}, {}
        for a, (_, kind, least, greatest) in enumerate(schema, 1):
            if rng.random() < (0.6 if kind == "growing" and least < greatest else 0.04):
                deltas[a] = rng.choice((1, 2, max(1, greatest - least - 3)) * 4 + (0, -1, greatest - least + 1))
            if rng.random() < (0.3 if kind == "growing" else 0.04): shown[a] = greatest - deltas.get(a, 0) + rng.choice((0,) * 8 + (1, -1))
        derivation = Derivation(tuple(shown.items()), tuple(deltas.items()), bytes(32), bytes(33), base)
        yield dict(schema=i % 2, base=base.hex(), code=code.hex(), epoch=4, deltas=changes(deltas.items()), disclosed=changes(shown.items())) | result(
            top_up(ID, schema, 4, code), base, lambda: top_up_addition(schema, derivation))

def spliced(data):
    """An entry as a change of one of the honest log, where that is shorter."""
    best = data.hex()
    for n, entry in enumerate(village.entries):
        common = lambda a, b: next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
        front = common(data, entry); back = min(common(data[::-1], entry[::-1]), len(data) - front, len(entry) - front)
        middle = data[front:len(data)-back].hex()
        if len(middle) + 8 < (len(best) if isinstance(best, str) else len(best[3]) + 8): best = [n, front, len(entry) - front - back, middle]
    return best
def cases():
    broken = Cases(village, rng)
    for after, given, rule in broken:
        data = [entry if isinstance(entry, bytes) else encode(entry) for entry in given]
        replay = copy.deepcopy(broken.states[after]); found, position = "", None
        try:
            for entry in data: replay.apply(entry)
        except Violation as violation: found, position = violation.rule, violation.position
        if found != rule: sys.exit(f"after {after}, {[type(e).__name__ for e in given]}: {rule or 'nothing'} expected, {found or 'nothing'} found")
        yield dict(after=after, entries=[spliced(entry) for entry in data], rule=rule, position=position)

def messages():
    time = village.time
    for n, entry in enumerate(map(decode, village.entries)):
        if type(entry) not in (Renewed, ToppedUp): continue
        made = entry.derivation; base = added(SECP.decode(entry.leaf), made.deltas, -1)
        root = entry.root if type(entry) is ToppedUp else village.replay.epochs[entry.left-1].roots[-1]
        proof = dict(root=root.hex(), base=SECP.encode(base).hex(), shift=made.shift.hex(), disclosed=changes(made.disclosed),
                     presentation=base64.urlsafe_b64encode(made.presentation).decode().rstrip("="))
        if type(entry) is Renewed:
            sent = {"version": 1, "from": entry.left, "to": entry.epoch} | proof
            receipt = renewal_receipt(ID, made.presentation[:33], entry.left, entry.epoch, made.deltas, entry.leaf, time)
        elif entry.code == village.code:
            sent = {"version": 1, "code": top_up_text(village.bearer), "epoch": entry.epoch} | proof
            receipt = top_up_receipt(ID, entry.code, entry.epoch, made.deltas, entry.leaf, time, time + 60)
        else: continue
        yield dict(entry=n, message=json.dumps(sent), receipt=receipt.hex(), time=time)

community = {"version": 1, "log-key": village.log_key.hex(), "origin": "symbolon.example/epochs", "schema": schema_json(SCHEMA)}
out = dict(community=community, codes=list(codes()), forums=[f.hex() for f in FORUMS], schemas=list(map(schema_json, SCHEMAS)),
           amounts=list(amounts()), statements=list(statements()), renewals=list(renewals()), top_ups=list(top_ups()),
           log=[entry.hex() for entry in village.entries], cases=list(cases()), messages=list(messages()))
rules = [case["rule"] for case in out["cases"]]
for rule in sorted(set(rules)): print(f"{rules.count(rule):4} {rule or 'none'}", file=sys.stderr)
json.dump(out, sys.stdout, indent=0)
print()

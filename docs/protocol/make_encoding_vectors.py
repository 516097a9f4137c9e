"""Writes encodings-v1.json: every encoding that enters a proof, as the model has it, and the model's verdict on edge-case requests.

Run: python3 make_encoding_vectors.py > ../../Tests/Vectors/encodings-v1.json; the output is the same each time. Byte strings are lower-case hex.
"""
import hashlib, json, random, sys
import symbolon_model as model
from symbolon_model import *

rng = random.Random("symbolon encodings 1")
# The model draws secrets from the system; vectors are to be reproducible.
model.secrets = type("seeded", (), {"randbelow": staticmethod(lambda n: rng.randrange(n)), "token_bytes": staticmethod(lambda n: rng.randbytes(n))})
key = lambda: rng.randbytes(32)

def schemas():
    for attributes in ([("votes", "growing", 0, 5000)],
                       [("comments", "growing", 0, 2**31), ("votes", "growing", 0, 100000), ("group", "fixed", -1, 3), ("joined", "fixed", 0, 40000), ("warnings", "feedback", -100, 0)],
                       [("a" * 64, "feedback", -2**31, 2**31)] + [(f"x-{i}_", "fixed", i, i) for i in range(31)]):
        yield dict(attributes=attributes, digest=schema_digest(attributes).hex())

def scopes():
    ids = lambda *names: {n: key() for n in names}
    for purpose, fields in (("sign-in", ids("audience")), ("account", ids("community", "audience") | dict(epoch=0)), ("account", ids("community", "audience") | dict(epoch=2**32 - 1)),
                            ("post", ids("community", "audience") | dict(epoch=7, index=2)), ("act", ids("community", "audience") | dict(subject=b"")), ("act", ids("community", "audience") | dict(subject=b"uberx/7")),
                            ("renew", ids("community") | dict(epoch=3)), ("top-up", ids("community") | dict(epoch=4, subject=key()))):
        encoded = scope(purpose, **fields)
        yield dict(purpose=purpose, encoded=encoded.hex(), base=SECP.encode(scope_base(encoded)).hex()) | {n: v.hex() if isinstance(v, bytes) else v for n, v in fields.items()}

def contexts():
    for epoch, nonce, expires, message in ((0, 16, 0, b""), (7, 16, 1800000000, b""), (2**32 - 1, 64, 2**63 - 1, key()), (1, 33, 1, key())):
        fields = dict(community=key(), schema=key(), epoch=epoch, audience=key(), nonce=rng.randbytes(nonce), expires=expires, message=message)
        yield {n: v.hex() if isinstance(v, bytes) else v for n, v in fields.items()} | dict(digest=context_digest(**fields).hex())

def edge_request(honest):
    """A request, now and then with something that is not allowed."""
    odd = lambda good, *bad: good if honest or rng.random() < 0.9 else rng.choice(bad)
    count = odd(rng.randrange(2, 6), 0, 1, -1); inside = max(count - 1, 1)
    disclosed = sorted(rng.sample(range(1, inside + 1), rng.randrange(0, min(2, inside) + 1)))
    disclosed = odd(disclosed, disclosed[::-1], disclosed + disclosed, [0], [inside + 1])
    hidden = [i for i in range(1, inside + 1) if i not in disclosed] or [1]
    scopes = [scope("act", bytes(32), audience=bytes(32), subject=bytes([i])) for i in range(rng.randrange(1, 4))]; domains = []
    for _ in range(odd(max(count - 1, 0), 0, 7)):
        least = rng.choice((0, -5, -2**31, 1)); domains.append((least, least + rng.choice((0, 10, 2**31, 2**32 - 1))))
    predicates = []
    for _ in range(rng.randrange(0, 3)):
        ix = sorted(rng.sample(hidden, rng.randrange(1, len(hidden) + 1)))
        ix = odd(ix, ix[::-1], ix + ix, [], [0], [inside + 1], disclosed)
        weights = tuple((i, odd(rng.choice((1, -1, 2, 3, 1000, -1000, 999)), 0, 1001, -1001, 2, 500)) for i in ix)
        top = sum(max(w * v for v in domains[i - 1]) for i, w in weights) if all(0 < i <= len(domains) for i, _ in weights) else 0
        bound = rng.choice((0, 20, top, top - 2**32, top - 2**32 + 1, -2**31))
        predicates.append(Predicate(weights, odd(bound, 2**62, -2**62, 2**62 - 1, -2**62 + 1)))
    return Request(count, odd(key(), b"", bytes(31)), tuple(odd(scopes, [], scopes + scopes[:1])), tuple((i, rng.choice((0, 5, N - 1, rng.randrange(int(N))))) for i in disclosed), tuple(predicates)), domains

def requests():
    for i in range(400):
        request, domains = edge_request(i % 4 == 0); verdicts = []
        for known in (None, domains):
            try: request.check(known); verdicts.append("")
            except ProofError as error: verdicts.append(str(error))
        yield dict(attributes=request.attributes, context=request.context.hex(), scopes=[s.hex() for s in request.scopes],
                   disclosed=[[i, SECP.encode_scalar(v).hex()] for i, v in request.disclosed],
                   predicates=[dict(weights=[list(w) for w in p.weights], bound=p.bound) for p in request.predicates],
                   domains=domains, verdict=verdicts[0], verdict_with_domains=verdicts[1], encoded="" if verdicts[0] else request.encode().hex())

def issuances():
    for values in ([], [0], [20, -7, 2**31]):
        community, code, s, r = key(), rng.randbytes(16), SECP.random_scalar(), SECP.random_scalar(); context = issuance_context(community, code)
        message = request_credential(s, r, context); leaf = issue(message, values, context)
        assert leaf == commit([s] + values, r)
        yield dict(community=community.hex(), code=code.hex(), context=context.hex(), secret=SECP.encode_scalar(s).hex(), blinding=SECP.encode_scalar(r).hex(),
                   message=message.hex(), values=values, leaf=SECP.encode(leaf).hex())

keys = [key() for _ in range(3)]
out = dict(schemas=list(schemas()), key_ids=[dict(key=k.hex(), id=key_id(k).hex()) for k in keys], scopes=list(scopes()), contexts=list(contexts()), issuances=list(issuances()), requests=list(requests()))
counts = {}
for r in out["requests"]: counts[r["verdict_with_domains"]] = counts.get(r["verdict_with_domains"], 0) + 1
print(f"verdicts on requests: {counts}", file=sys.stderr)
json.dump(out, sys.stdout, indent=0)
print()

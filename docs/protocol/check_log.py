"""Reads a community's log as static files and checks it: a second reader that shares no code with the Swift.

Run: python3 check_log.py FOLDER [--id HEX] [--before CHECKPOINT] [--witness KEY]... [--last-root-only]

Checks the checkpoint's Ed25519 signature and key id, the cosignatures of the witnesses that are named, every tile at every level, an inclusion
proof for every entry and a consistency proof from an earlier checkpoint (both made from tiles and verified by the algorithms of RFC 9162 #2.1.3.2
and #2.1.4.2), every rule of ../log.md (replay.py), proofs of issuance, of renewals and of top-ups among them, and the curve tree's root after each
batch, by the model. --last-root-only: roots only of the last batch, of the final tree of each epoch, and where a top-up was proved.
Exit status: 0 all holds, 1 something does not.
"""
import argparse, base64, hashlib, json, os, re, sys
import symbolon_model as model
from symbolon_model import key_id
from entries import Issued, Removed, Renewed, TOP_UP_ROOT, ToppedUp
from replay import Replay, Violation

class Broken(Exception): pass
def check(condition, what):
    if not condition: raise Broken(what)

# ---------------------------------------------------------------- Ed25519 (RFC 8032 #5.1)

Q = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, Q) % Q
def add(a, b):
    x1, y1, z1, t1 = a; x2, y2, z2, t2 = b
    e = (y1-x1) * (y2-x2) % Q; f = (y1+x1) * (y2+x2) % Q; g = 2*t1*t2*D % Q; h = 2*z1*z2 % Q
    l, m, n, o = f-e, h-g, h+g, f+e
    return (l*m % Q, n*o % Q, m*n % Q, l*o % Q)
def times(k, a):
    out = (0, 1, 1, 0)
    while k:
        if k & 1: out = add(out, a)
        a = add(a, a); k >>= 1
    return out
def point(encoded):
    y = int.from_bytes(encoded, "little"); sign = y >> 255; y &= 2**255 - 1
    if y >= Q: return None
    x2 = (y*y - 1) * pow(D*y*y + 1, -1, Q) % Q
    x = pow(x2, (Q+3)//8, Q)
    if (x*x - x2) % Q: x = x * pow(2, (Q-1)//4, Q) % Q
    if (x*x - x2) % Q or (x == 0 and sign): return None
    if x & 1 != sign: x = Q - x
    return (x, y, 1, x*y % Q)
BASE = point((4 * pow(5, -1, Q) % Q).to_bytes(32, "little"))
def ed25519_holds(key, message, signature):
    a, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= ORDER: return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    left, right = times(s, BASE), add(r, times(h, a))
    return not (left[0]*right[2] - right[0]*left[2]) % Q and not (left[1]*right[2] - right[1]*left[2]) % Q

# ---------------------------------------------------------------- notes and checkpoints

def parse_note(note):
    text, _, rest = note.rpartition(b"\n\n"); text += b"\n"; signatures = []
    for line in rest.decode().splitlines():
        dash, name, data = line.split(" "); data = base64.b64decode(data, validate=True)
        check(dash == "\u2014", "a signature line is malformed"); signatures.append((name, data[:4], data[4:]))
    return text, signatures
def signed_by(text, signatures, name, kind, key, message, skip=0):
    wanted = hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + key).digest()[:4]
    for given, kid, signature in signatures:
        if (given, kid) == (name, wanted): return ed25519_holds(key, message(signature), signature[skip:])
    return False
def checkpoint(note, community, witnesses=()):
    """Size, root and batch entry of a checkpoint that the log, and these witnesses, signed."""
    text, signatures = parse_note(note); key = bytes.fromhex(community["log-key"])
    check(signed_by(text, signatures, community["origin"], 1, key, lambda _: text), "the log did not sign the checkpoint")
    for witness in witnesses:
        name, kid, data = witness.split("+", 2); data = base64.b64decode(data, validate=True)
        check(data[0] == 4 and hashlib.sha256(name.encode() + b"\n" + data).digest()[:4].hex() == kid, "a witness's key is malformed")
        stamped = lambda s: b"cosignature/v1\ntime %d\n" % int.from_bytes(s[:8], "big") + text
        check(signed_by(text, signatures, name, 4, data[1:], stamped, 8), f"{name} did not cosign the checkpoint")
    origin, size, root, *extensions = text.decode().splitlines()
    check(origin == community["origin"] and str(int(size)) == size, "the checkpoint is malformed")
    batch = [e.split(" ", 1)[1] for e in extensions if e.startswith("symbolon-batch ")]
    check(len(batch) == 1, "the checkpoint holds no batch")
    return int(size), base64.b64decode(root, validate=True), base64.b64decode(batch[0], validate=True)

# ---------------------------------------------------------------- tiles and proofs

def leaf_hash(entry): return hashlib.sha256(b"\0" + entry).digest()
def node_hash(a, b): return hashlib.sha256(b"\1" + a + b).digest()

class Tiles:
    def __init__(self, folder, size): self.folder, self.size, self.known = folder, size, {}
    def read(self, kind, index, width):
        groups = [index % 1000]; index //= 1000
        while index: groups.insert(0, index % 1000); index //= 1000
        path = f"tile/{kind}/" + "/".join(f"x{g:03}" for g in groups[:-1]) + ("/" if len(groups) > 1 else "") + f"{groups[-1]:03}"
        names = [path] if width == 256 else [f"{path}.p/{width}", path]
        for name in names:
            full = os.path.join(self.folder, name)
            if os.path.exists(full):
                with open(full, "rb") as file: return file.read()
        raise Broken(f"{path} is missing")
    def width(self, level, index): return min(256, (self.size >> 8*level) - 256*index)
    def hashes(self, level, index):
        if (level, index) not in self.known:
            width = self.width(level, index); data = self.read(str(level), index, width)
            self.known[level, index] = [data[32*i:32*i+32] for i in range(width)]; check(len(data) >= 32*width, f"tile {level}/{index} is short")
        return self.known[level, index]
    def entries(self):
        for index in range((self.size + 255) // 256):
            width = self.width(0, index); data = self.read("entries", index, width); at = 0
            for _ in range(width):
                length = int.from_bytes(data[at:at+2], "big"); check(at + 2 + length <= len(data), f"bundle {index} is short")
                yield data[at+2:at+2+length]; at += 2 + length
    def node(self, level, index):
        """The hash of entries index * 2^level and on, 2^level of them: out of the tile that has it or what is below it."""
        if level % 8 == 0: return self.hashes(level // 8, index // 256)[index % 256]
        return node_hash(self.node(level - 1, 2*index), self.node(level - 1, 2*index + 1))
    def range(self, begin, end):
        """MTH(D[begin:end]) for a range that is a node of the tree."""
        if end == begin: return hashlib.sha256(b"").digest()
        k = 1 << (end - begin - 1).bit_length() >> 1 if end - begin > 1 else 0
        if end - begin == 1 or 2*k == end - begin:
            level = (end - begin).bit_length() - 1; return self.node(level, begin >> level)
        return node_hash(self.range(begin, begin + k), self.range(begin + k, end))
    def path(self, m, begin, end):
        """RFC 6962 #2.1.1."""
        if end - begin == 1: return []
        k = 1 << (end - begin - 1).bit_length() >> 1
        if m < k: return self.path(m, begin, begin + k) + [self.range(begin + k, end)]
        return self.path(m - k, begin + k, end) + [self.range(begin, begin + k)]
    def consistency(self, m, begin, end, known=True):
        """RFC 6962 #2.1.2."""
        if m == end - begin: return [] if known else [self.range(begin, end)]
        k = 1 << (end - begin - 1).bit_length() >> 1
        if m <= k: return self.consistency(m, begin, begin + k, known) + [self.range(begin + k, end)]
        return self.consistency(m - k, begin + k, end, False) + [self.range(begin, begin + k)]

def included(leaf, index, size, root, path):
    """RFC 9162 #2.1.3.2."""
    if index >= size: return False
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0: return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn: fn >>= 1; sn >>= 1
        else: r = node_hash(r, p)
        fn >>= 1; sn >>= 1
    return sn == 0 and r == root
def consistent(first, first_root, second, second_root, path):
    """RFC 9162 #2.1.4.2."""
    if first == second: return not path and first_root == second_root
    if first & (first - 1) == 0: path = [first_root] + path
    if not path: return False
    fn, sn = first - 1, second - 1
    while fn & 1: fn >>= 1; sn >>= 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0: return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not fn & 1 and fn: fn >>= 1; sn >>= 1
        else: sr = node_hash(sr, c)
        fn >>= 1; sn >>= 1
    return fr == first_root and sr == second_root and sn == 0

# ---------------------------------------------------------------- the community

def schema_of(community):
    """The schema of a community's description, as for schema_digest."""
    schema = [(a["name"], a["kind"], a["least"], a["greatest"]) for a in community["schema"]]
    check(1 <= len(schema) <= 32 and len({name for name, *_ in schema}) == len(schema), "the schema has no attributes, too many, or two of one name")
    for name, kind, least, greatest in schema:
        check(re.fullmatch("[a-z][a-z0-9_-]{0,63}", name) and kind in model.KINDS and type(least) is type(greatest) is int, f"the schema's {name} is malformed")
        check(-2**31 <= least <= greatest <= 2**31, f"the schema's {name} has no domain")
    return schema

def main():
    parser = argparse.ArgumentParser(); parser.add_argument("folder"); parser.add_argument("--id"); parser.add_argument("--before")
    parser.add_argument("--witness", action="append", default=[]); parser.add_argument("--last-root-only", action="store_true")
    options = parser.parse_args(); read = lambda name: open(os.path.join(options.folder, name), "rb").read()
    try:
        community = json.loads(read("community.json")); key = bytes.fromhex(community["log-key"]); ident = key_id(key).hex()
        check(len(key) == 32, "the log's key is malformed")
        check(options.id in (None, ident), f"the log is of community {ident}")
        size, root, batch = checkpoint(read("checkpoint"), community, options.witness)
        tiles = Tiles(options.folder, size); entries = list(tiles.entries()); hashes = [leaf_hash(e) for e in entries]; count = 0
        for level in range(8):
            row = hashes if level == 0 else row
            for index in range((len(row) + 255) // 256): check(tiles.hashes(level, index) == row[256*index:256*index+256], f"tile {level}/{index} is wrong"); count += 1
            above = []
            for index in range(len(row) // 256):
                group = row[256*index:256*index+256]
                while len(group) > 1: group = [node_hash(*group[i:i+2]) for i in range(0, len(group), 2)]
                above += group
            row = above
        check(tiles.range(0, size) == root, "the tiles do not give the signed root")
        for index in range(size): check(included(hashes[index], index, size, root, tiles.path(index, 0, size)), f"entry {index} is not included")
        check(entries[-1] == batch, "the checkpoint's batch is not the last entry")
        if options.before:
            old, old_root, _ = checkpoint(open(options.before, "rb").read(), community)
            check(old <= size, "the log is older than the earlier checkpoint")
            check(consistent(old, old_root, size, root, tiles.consistency(old, 0, size)), "the log does not go on from the earlier checkpoint")
        # A top-up is proved against a root of its epoch, which therefore has to be the tree's.
        named = {entry[TOP_UP_ROOT] for entry in entries if entry[:1] == b"\t"}
        recomputed = lambda position, root: not options.last_root_only or position == size - 1 or root in named
        replay = Replay(bytes.fromhex(ident), schema_of(community), recomputed)
        for entry in entries: replay.apply(entry)
        replay.end(); made = replay.count
        print(f"{size} entries, {count} tiles, {replay.epoch} epochs, {replay.batches} batches, {made[Issued]} leaves issued, {made[Renewed]} renewed, "
              f"{made[ToppedUp]} topped up, {made[Removed]} taken out, of community {ident}: all holds")
    except (Broken, Violation, model.ProofError, ValueError, OSError, KeyError, IndexError, TypeError) as error:
        print(f"broken: {error}"); sys.exit(1)

if __name__ == "__main__": main()

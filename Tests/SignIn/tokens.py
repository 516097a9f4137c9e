"""Checks signed tokens from the definitions: RSASSA-PKCS1-v1_5 and ECDSA over P-256, both with SHA-256. Standard library only."""
import base64
import hashlib
import json


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(text):
    return int.from_bytes(decode(text), "big")


def rs256(key, message, signature):
    n, e = number(key["n"]), number(key["e"])
    size = (n.bit_length() + 7) // 8
    if len(signature) != size:
        return False
    # RFC 8017 9.2: the whole padded block is computed and compared.
    info = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(message).digest()
    block = b"\x00\x01" + b"\xff" * (size - len(info) - 3) + b"\x00" + info
    return pow(int.from_bytes(signature, "big"), e, n).to_bytes(size, "big") == block


P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def multiply(k, point):
    out = None
    while k:
        if k & 1:
            out = add(out, point)
        point, k = add(point, point), k >> 1
    return out


def es256(key, message, signature):
    x, y = number(key["x"]), number(key["y"])
    if len(signature) != 64 or (y * y - x**3 + 3 * x - B) % P:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not (0 < r < N and 0 < s < N):
        return False
    z, w = int.from_bytes(hashlib.sha256(message).digest(), "big"), pow(s, -1, N)
    point = add(multiply(z * w % N, G), multiply(r * w % N, (x, y)))
    return point is not None and point[0] % N == r


def verified(token, keys, algorithm):
    """The claims of a token, and the key that signed it; raises unless exactly one of the keys, of this algorithm, did."""
    head, body, signature = token.split(".")
    header = json.loads(decode(head))
    assert header["alg"] == algorithm, header
    found = [key for key in keys if key["kid"] == header["kid"]]
    assert len(found) == 1, "the token names one published key"
    key = found[0]
    assert key["alg"] == algorithm and key["use"] == "sig" and "d" not in key
    check = {"RS256": rs256, "ES256": es256}[algorithm]
    message = f"{head}.{body}".encode()
    assert check(key, message, decode(signature)), "the signature does not hold"
    changed = bytes([message[-1] ^ 1])
    assert not check(key, message[:-1] + changed, decode(signature)), "the check cannot fail"
    return json.loads(decode(body)), key

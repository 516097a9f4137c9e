import Platform
import Testing

@Suite struct DigestTests {
    /// FIPS 180-4 examples.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
    ])
    func sha256Examples(text: String, digest: String) {
        #expect(SHA256.hash([UInt8](text.utf8)) == bytes(digest))
        #expect(PortableSHA256.hash([UInt8](text.utf8)) == bytes(digest))
    }

    @Test func sha256OfAMillion() {
        let message = [UInt8](repeating: 0x61, count: 1_000_000)
        let digest = bytes("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
        #expect(SHA256.hash(message) == digest)
        #expect(PortableSHA256.hash(message) == digest)
    }

    @Test func sha256TwinsAgreeAtEveryLength() {
        for count in 0..<300 {
            let message = pattern(count, UInt64(count))
            #expect(SHA256.hash(message) == PortableSHA256.hash(message), "length \(count)")
        }
    }

    /// The first 32 bytes for the empty message (FIPS 202) and of a message with a well-known text.
    @Test(arguments: [
        ("", "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26"),
        ("The quick brown fox jumps over the lazy dog", "f4202e3c5852f9182a0430fd8144f0a74b95e7417ecae17db0f8cfeed0e3e66e"),
    ])
    func shake128Examples(text: String, output: String) {
        var ours = SHAKE128()
        ours.absorb([UInt8](text.utf8))
        #expect(ours.output(from: 0, count: 32) == bytes(output))
        var twin = PortableSHAKE128()
        twin.absorb([UInt8](text.utf8))
        #expect(twin.output(from: 0, count: 32) == bytes(output))
    }

    @Test func shake128TwinsAgreeAtEveryLength() {
        for count in 0..<400 {
            let message = pattern(count, UInt64(count))
            var ours = SHAKE128()
            ours.absorb(message)
            var twin = PortableSHAKE128()
            twin.absorb(message)
            #expect(ours.output(from: 0, count: count) == twin.output(from: 0, count: count), "length \(count)")
            #expect(ours.output(from: count, count: 400 - count) == twin.output(from: count, count: 400 - count), "offset \(count)")
        }
    }

    @Test func shake128GoesOnAfterOutput() {
        let message = pattern(500)
        for cut in stride(from: 0, through: 500, by: 7) {
            var whole = SHAKE128()
            whole.absorb(message)
            var ours = SHAKE128()
            ours.absorb([UInt8](message[..<cut]))
            _ = ours.output(from: 3, count: 200)
            ours.absorb([])
            ours.absorb([UInt8](message[cut...]))
            var twin = PortableSHAKE128()
            twin.absorb([UInt8](message[..<cut]))
            _ = twin.output(from: 3, count: 200)
            twin.absorb([])
            twin.absorb([UInt8](message[cut...]))
            let expected = whole.output(from: 0, count: 500)
            #expect(ours.output(from: 0, count: 500) == expected)
            #expect(twin.output(from: 0, count: 500) == expected)
            #expect(ours.output(from: 167, count: 170) == [UInt8](expected[167..<337]))
        }
    }
}

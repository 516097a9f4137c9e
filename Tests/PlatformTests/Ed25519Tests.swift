import Platform
import Testing

@Suite struct Ed25519Tests {
    /// RFC 8032, section 7.1: tests 1 to 3.
    @Test(arguments: [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            """
            e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155
            5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b
            """
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            """
            92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da
            085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00
            """
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            """
            6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac
            18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a
            """
        ),
    ])
    func examples(seed: String, publicKey: String, message: String, signature: String) throws {
        let key = try Ed25519SigningKey(seed: bytes(seed))
        #expect(key.publicKey == bytes(publicKey))
        #expect(key.sign(bytes(message)) == bytes(signature))
        #expect(Ed25519.verify(signature: bytes(signature), message: bytes(message), publicKey: bytes(publicKey)))
    }

    @Test func refusesEveryChange() {
        let key = Ed25519SigningKey(), message = pattern(40), signature = key.sign(message)
        #expect(Ed25519.verify(signature: signature, message: message, publicKey: key.publicKey))
        for i in 0..<64 {
            var altered = signature
            altered[i] ^= 1
            #expect(!Ed25519.verify(signature: altered, message: message, publicKey: key.publicKey))
        }
        for i in 0..<40 {
            var altered = message
            altered[i] ^= 1
            #expect(!Ed25519.verify(signature: signature, message: altered, publicKey: key.publicKey))
        }
        for i in 0..<32 {
            var altered = key.publicKey
            altered[i] ^= 1
            #expect(!Ed25519.verify(signature: signature, message: message, publicKey: altered))
        }
        #expect(!Ed25519.verify(signature: [], message: message, publicKey: key.publicKey))
        #expect(!Ed25519.verify(signature: signature, message: message, publicKey: []))
        #expect(!Ed25519.verify(signature: signature + [0], message: message, publicKey: key.publicKey))
        #expect(!Ed25519.verify(signature: signature, message: message, publicKey: key.publicKey + [0]))
    }

    @Test func keys() throws {
        let key = Ed25519SigningKey()
        let again = try Ed25519SigningKey(seed: key.seed)
        #expect(key.publicKey == again.publicKey)
        #expect(key.seed != Ed25519SigningKey().seed)
        #expect(throws: PlatformError.length) { try Ed25519SigningKey(seed: pattern(31)) }
        #expect(throws: PlatformError.length) { try Ed25519SigningKey(seed: pattern(33)) }
    }

    @Test func keepsItsSeedOutOfLogs() {
        let key = Ed25519SigningKey()
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped, "\([key])"] {
            #expect(text.contains("Ed25519SigningKey"))
            #expect(!text.contains("seed") && !text.contains("\(key.seed[0]), \(key.seed[1])"))
        }
    }
}

import Platform
import Testing

@Suite struct CipherTests {
    /// The GCM specification's test cases 13, 14 and 16 (256-bit keys).
    @Test func gcmExamples() throws {
        let zeroKey = [UInt8](repeating: 0, count: 32), zeroNonce = [UInt8](repeating: 0, count: 12)
        #expect(AESGCM.seal([], key: zeroKey, nonce: zeroNonce, authenticating: []) == bytes("530f8afbc74536b9a963b4f1c4cb738b"))
        #expect(
            AESGCM.seal([UInt8](repeating: 0, count: 16), key: zeroKey, nonce: zeroNonce, authenticating: [])
                == bytes("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"))
        let key = bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
        let nonce = bytes("cafebabefacedbaddecaf888"), context = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2")
        let plain = bytes(
            """
            d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
            1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39
            """)
        let sealed = bytes(
            """
            522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa
            8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662
            76fc6ece0f4e1768cddf8853bb2d551b
            """)
        #expect(AESGCM.seal(plain, key: key, nonce: nonce, authenticating: context) == sealed)
        #expect(try AESGCM.open(sealed, key: key, nonce: nonce, authenticating: context) == plain)
    }

    @Test func gcmRefusesEveryChange() throws {
        let key = pattern(32, 1), nonce = pattern(12, 2), context = pattern(5, 3), plain = pattern(33, 4)
        let sealed = AESGCM.seal(plain, key: key, nonce: nonce, authenticating: context)
        func flips(_ a: [UInt8]) -> [[UInt8]] {
            a.indices.map { i in
                var b = a
                b[i] ^= 0x10
                return b
            }
        }
        for altered in flips(sealed) + [sealed + [0], [UInt8](sealed.dropLast())] {
            #expect(throws: PlatformError.authentication) { try AESGCM.open(altered, key: key, nonce: nonce, authenticating: context) }
        }
        for altered in flips(key) {
            #expect(throws: PlatformError.authentication) { try AESGCM.open(sealed, key: altered, nonce: nonce, authenticating: context) }
        }
        for altered in flips(nonce) {
            #expect(throws: PlatformError.authentication) { try AESGCM.open(sealed, key: key, nonce: altered, authenticating: context) }
        }
        for altered in flips(context) + [[], context + [0]] {
            #expect(throws: PlatformError.authentication) { try AESGCM.open(sealed, key: key, nonce: nonce, authenticating: altered) }
        }
        for count in 0..<16 {
            #expect(throws: PlatformError.length) {
                try AESGCM.open([UInt8](sealed[..<count]), key: key, nonce: nonce, authenticating: context)
            }
        }
        #expect(throws: PlatformError.length) { try AESGCM.open(sealed, key: [], nonce: nonce, authenticating: context) }
        #expect(throws: PlatformError.length) { try AESGCM.open(sealed, key: key, nonce: pattern(11, 2), authenticating: context) }
    }

    @Test func gcmLengths() throws {
        let key = pattern(32, 5), nonce = pattern(12, 6)
        for count in [0, 1, 15, 16, 17, 1000] {
            let sealed = AESGCM.seal(pattern(count), key: key, nonce: nonce, authenticating: [])
            #expect(sealed.count == count + 16)
            #expect(try AESGCM.open(sealed, key: key, nonce: nonce, authenticating: []) == pattern(count))
        }
    }

    /// RFC 7914, section 11.
    @Test func pbkdf2Examples() {
        #expect(
            PBKDF2SHA256.derive(passphrase: [UInt8]("passwd".utf8), salt: [UInt8]("salt".utf8), rounds: 1, count: 64)
                == bytes(
                    """
                    55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc
                    49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783
                    """))
        #expect(
            PBKDF2SHA256.derive(passphrase: [UInt8]("Password".utf8), salt: [UInt8]("NaCl".utf8), rounds: 80000, count: 64)
                == bytes(
                    """
                    4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56
                    a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d
                    """))
    }

    /// Two rounds by definition: U1 xor U2, each the code of the one before.
    @Test func pbkdf2IsItsDefinition() {
        let passphrase = pattern(20), salt = pattern(16, 2)
        let u1 = HMACSHA256.authenticate(salt + [0, 0, 0, 1], key: passphrase)
        let u2 = HMACSHA256.authenticate(u1, key: passphrase)
        #expect(PBKDF2SHA256.derive(passphrase: passphrase, salt: salt, rounds: 2, count: 32) == zip(u1, u2).map { $0 ^ $1 })
        #expect(PBKDF2SHA256.derive(passphrase: [], salt: [], rounds: 1, count: 32) == HMACSHA256.authenticate([0, 0, 0, 1], key: []))
    }
}

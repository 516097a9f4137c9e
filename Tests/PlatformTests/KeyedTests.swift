import Platform
import Testing

@Suite struct KeyedTests {
    /// RFC 4231, cases 1 to 4, 6 and 7.
    @Test(arguments: [
        (
            [UInt8](repeating: 0x0b, count: 20), [UInt8]("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            [UInt8]("Jefe".utf8), [UInt8]("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            [UInt8](1...25), [UInt8](repeating: 0xcd, count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            [UInt8](repeating: 0xaa, count: 131), [UInt8]("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            [UInt8](repeating: 0xaa, count: 131),
            [UInt8](
                "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm."
                    .utf8),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ])
    func hmacExamples(key: [UInt8], message: [UInt8], code: String) {
        #expect(HMACSHA256.authenticate(message, key: key) == bytes(code))
        #expect(PortableHMACSHA256.authenticate(message, key: key) == bytes(code))
    }

    @Test func hmacTwinsAgree() {
        for keyCount in [0, 1, 31, 32, 63, 64, 65, 127, 128, 129, 200] {
            for count in [0, 1, 55, 56, 63, 64, 65, 119, 120, 300] {
                let key = pattern(keyCount, 3), message = pattern(count, 4)
                #expect(HMACSHA256.authenticate(message, key: key) == PortableHMACSHA256.authenticate(message, key: key))
            }
        }
    }

    /// RFC 5869, cases 1 to 3.
    @Test func hkdfExamples() {
        #expect(
            HKDFSHA256.derive(
                secret: [UInt8](repeating: 0x0b, count: 22), salt: [UInt8](0...12), info: [UInt8](0xf0...0xf9), count: 42)
                == bytes("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"))
        #expect(
            HKDFSHA256.derive(
                secret: [UInt8](0x00...0x4f), salt: [UInt8](0x60...0xaf), info: [UInt8](0xb0...0xff), count: 82)
                == bytes(
                    """
                    b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09
                    da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87
                    """))
        #expect(
            HKDFSHA256.derive(secret: [UInt8](repeating: 0x0b, count: 22), salt: [], info: [], count: 42)
                == bytes("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"))
    }

    @Test func hkdfLengths() {
        let longest = HKDFSHA256.derive(secret: [1], salt: [2], info: [3], count: HKDFSHA256.maximumCount)
        #expect(longest.count == 8160)
        for count in [0, 1, 31, 32, 33, 64, 100] {
            #expect(HKDFSHA256.derive(secret: [1], salt: [2], info: [3], count: count) == [UInt8](longest[..<count]))
        }
    }
}

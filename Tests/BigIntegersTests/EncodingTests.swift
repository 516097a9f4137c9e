import BigIntegers
import Testing

@Suite struct EncodingTests {
    @Test(arguments: ["", "-", "--1", "+1", " 1", "1 ", "1_000", "0x10", "1a", "１", "1\0", "-\u{301}1"])
    func badDecimals(text: String) {
        #expect(throws: BigIntegerError.text) { try BigInteger(decimal: text) }
    }

    @Test(arguments: ["", "-", "0x10", "g", "1 2", "\n1", "12\0"])
    func badHex(text: String) {
        #expect(throws: BigIntegerError.text) { try BigInteger(hex: text) }
    }

    @Test func text() throws {
        #expect(try BigInteger(decimal: "-0") == 0)
        #expect(try BigInteger(decimal: "000123") == 123)
        #expect(try BigInteger(hex: "-DeadBeef") == -0xdead_beef)
        #expect(try BigInteger(hex: "00ff").hex == "ff")
        #expect((0 as BigInteger).description == "0")
        #expect((0 as BigInteger).hex == "0")
        #expect("\(-255 as BigInteger)" == "-255")
        #expect((-255 as BigInteger).hex == "-ff")
        let long = String(repeating: "9", count: 5000)
        #expect(try BigInteger(decimal: long).description == long)
        #expect(try BigInteger(decimal: long) + 1 == BigInteger(10).power(5000))
    }

    @Test func bytes() throws {
        #expect(BigInteger(bigEndian: []) == 0)
        #expect(BigInteger(littleEndian: [0, 0, 0]) == 0)
        #expect(BigInteger(bigEndian: [0, 1, 2]) == 0x102)
        #expect(BigInteger(littleEndian: [0, 1, 2]) == 0x20100)
        #expect(try (0x102 as BigInteger).bigEndian(count: 4) == [0, 0, 1, 2])
        #expect(try (0x102 as BigInteger).littleEndian(count: 4) == [2, 1, 0, 0])
        #expect(try (0 as BigInteger).bigEndian(count: 0) == [])
        #expect(try (0 as BigInteger).littleEndian(count: 2) == [0, 0])
        #expect(try (255 as BigInteger).bigEndian(count: 1) == [255])
        #expect(throws: BigIntegerError.bytes) { try (256 as BigInteger).bigEndian(count: 1) }
        #expect(throws: BigIntegerError.bytes) { try (256 as BigInteger).littleEndian(count: 1) }
        #expect(throws: BigIntegerError.bytes) { try (1 as BigInteger).bigEndian(count: 0) }
        #expect(throws: BigIntegerError.bytes) { try (-1 as BigInteger).bigEndian(count: 4) }
    }
}

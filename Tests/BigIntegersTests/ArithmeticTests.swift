import BigIntegers
import Testing

/// Every pair of these meets in the tests of small numbers: signs, zero, word boundaries. Int128 is the oracle.
private let edges: [Int128] = {
    let positive: [Int128] = [
        1, 2, 3, 7, 255, 256, 0x8000_0000, 0xffff_ffff, 0x1_0000_0000, 0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000,
        0xffff_ffff_ffff_ffff, 0x1_0000_0000_0000_0000, 0x1_0000_0000_0000_0001,
    ]
    return [0] + positive + positive.map { 0 - $0 }
}()

@Suite struct ArithmeticTests {
    @Test func agreesWithFixedWidthIntegers() throws {
        for x in edges {
            let a = BigInteger(x)
            #expect(a.description == x.description)
            #expect(a.signum == Int(x.signum()))
            #expect(a.isZero == (x == 0))
            #expect(a.isOdd == (x & 1 == 1))
            #expect(-a == BigInteger(-x))
            #expect(a.magnitude == BigInteger(x.magnitude))
            #expect(a.bitCount == 128 - x.magnitude.leadingZeroBitCount)
            #expect(a.trailingZeroBitCount == (x == 0 ? 0 : x.trailingZeroBitCount))
            for count in [0, 1, 31, 32, 63, 64, 65, 100] {
                #expect(a >> count == BigInteger(x >> Int128(count)))
                #expect(a << -count == a >> count)
                #expect((a << count) >> count == a)
                #expect(a >> -count == a << count)
            }
            for y in edges {
                let b = BigInteger(y)
                #expect((a == b) == (x == y))
                #expect((a < b) == (x < y))
                #expect(a + b == BigInteger(x + y))
                #expect(a - b == BigInteger(x - y))
                let (product, overflow) = x.multipliedReportingOverflow(by: y)
                if !overflow { #expect(a * b == BigInteger(product)) }
                if y == 0 {
                    #expect(throws: BigIntegerError.divisionByZero) { try a / b }
                    #expect(throws: BigIntegerError.divisionByZero) { try a % b }
                    #expect(throws: BigIntegerError.divisionByZero) { try a.modulo(b) }
                } else {
                    #expect(try a / b == BigInteger(x / y))
                    #expect(try a % b == BigInteger(x % y))
                    let remainder = x % y
                    #expect(try a.modulo(b) == BigInteger(remainder < 0 ? remainder + (y < 0 ? -y : y) : remainder))
                }
            }
        }
    }

    /// Values computed elsewhere.
    @Test func largeNumbers() throws {
        let a = BigInteger(bigEndian: "Symbolon is a token that proves".utf8)
        let b = BigInteger(bigEndian: "who took part in the assembly".utf8)
        #expect(a == 147486366685195860745067876089982287843749864684434864573690643817604474227)
        #expect(b == 0x77686f20746f6f6b207061727420696e2074686520617373656d626c79)
        #expect(
            a * b
                == 474792808576557662634297785872413736722824428034536652838058196345058008896345353504654510624158268023145821423232383276452704988544131272308571
        )
        #expect(try a / b == 45814)
        #expect(try a % b == 478863743314396770043426101096326721461436976478732544772502430549805)
        #expect((a * 720).greatestCommonDivisor(b * 1001) == 3)
        #expect(
            a.power(5).hex
                == "f19229399982918d44eb4a31bc1d17b71259d616ba86cc6b59a9d0bb366bac3f539296e8e9bb358fdd3e8aea6175351da26be76889cb7f69d3f59bcefbe142d32f8f052d682c6a150089f594abf3438701a97ab96becb81d157810fa2bd9c114a59a17e963732e1fcac087e3a4d366aad32d6fbfb35c7a2c0df53b1a3ae62e72acc2f39cba555f1b5bb836cec02d24acc9b0f96753ecfbc3c923"
        )
        #expect(a.squareRoot == 12_144_396_513_832_865_657_577_949_788_998_689_338)
        let factorial = (1...60).reduce(BigInteger(1)) { $0 * BigInteger($1) }
        #expect(factorial == 8320987112741390144276341183223364380754172606361245952449277696409600000000000000)
    }

    @Test func literals() {
        let large: BigInteger = 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_ffff_ffff
        #expect(large == (BigInteger(1) << 144) - 1)
        let negative: BigInteger = -0x1_0000_0000_0000_0000_0000_0000_0000_0000
        #expect(negative == -(BigInteger(1) << 128))
        #expect((0 as BigInteger).isZero)
        #expect((-1 as BigInteger).description == "-1")
        #expect((-0x8000_0000_0000_0000 as BigInteger).description == "-9223372036854775808")
    }

    @Test func values() {
        var a: BigInteger = 1 << 200
        let b = a
        a += 1
        a *= 3
        a -= 2
        #expect(b == 1 << 200)
        #expect(a == 3 * b + 1)
        #expect(Set([a, b, a - 1 + 1, b + 0]).count == 2)
        #expect(a.hashValue == (a - 0).hashValue)
    }

    @Test func randomIdentities() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let size = Int.random(in: 1...600)
            let a = BigInteger.random(below: 1 << size, using: &generator) - (1 << (size - 1))
            let b = BigInteger.random(below: 1 << Int.random(in: 1...300), using: &generator) + 1
            #expect(try (a / b) * b + (a % b) == a)
            #expect(try a.modulo(b) >= 0 && a.modulo(b) < b)
            #expect(try ((a - a.modulo(b)) % b).isZero)
            #expect((a + b) * (a - b) == a * a - b * b)
            #expect(try BigInteger(decimal: a.description) == a)
            #expect(try BigInteger(hex: a.hex) == a)
            if let root = a.squareRoot { #expect(root * root <= a && a < (root + 1) * (root + 1)) } else { #expect(a < 0) }
            let count = (b.bitCount + 7) / 8
            #expect(try BigInteger(bigEndian: b.bigEndian(count: count)) == b)
            #expect(try BigInteger(littleEndian: b.littleEndian(count: count + 3)) == b)
        }
    }

    @Test func randomIsBelowAndReachesAll() {
        var generator = SystemRandomNumberGenerator()
        var seen: Set<BigInteger> = []
        for _ in 0..<2000 { seen.insert(.random(below: 10, using: &generator)) }
        #expect(seen == Set((0..<10).map { BigInteger($0) }))
        #expect(BigInteger.random(below: 1, using: &generator) == 0)
    }
}

import Operations
import Testing

@Suite("Addresses and proxies") struct AddressTests {
    @Test(
        "Addresses as proxies write them",
        arguments: [
            ("192.0.2.7", "192.0.2.7"), ("192.0.2.7:4711", "192.0.2.7"), ("[2001:db8::1]:80", "2001:db8:0::1"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
        ])
    func forms(text: String, same: String) throws {
        #expect(try #require(ClientAddress(text)) == #require(ClientAddress(same)))
    }

    @Test("What is no address is none", arguments: ["", "x", "256.1.1.1", "1.2.3", "[::1", "localhost", "1.2.3.4.5", "::g", "unknown"])
    func none(text: String) { #expect(ClientAddress(text) == nil) }

    @Test("A range holds what begins with its bits")
    func ranges() throws {
        let ten = try #require(AddressRange("10.0.0.0/8"))
        #expect(ten.contains(try #require(ClientAddress("10.255.0.1"))))
        #expect(!ten.contains(try #require(ClientAddress("11.0.0.1"))))
        #expect(!ten.contains(try #require(ClientAddress("a00::"))))
        let odd = try #require(AddressRange("192.0.2.128/25"))
        #expect(odd.contains(try #require(ClientAddress("192.0.2.200"))))
        #expect(!odd.contains(try #require(ClientAddress("192.0.2.127"))))
        #expect(try #require(AddressRange("0.0.0.0/0")).contains(try #require(ClientAddress("203.0.113.9"))))
        #expect(try #require(AddressRange("2001:db8::/32")).contains(try #require(ClientAddress("2001:db8:1::5"))))
        for text in ["10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/", "/8", "10.0.0.0/8/8", "x/8"] {
            #expect(AddressRange(text) == nil, "\(text)")
        }
    }

    @Test("Who asks is the last that no trusted proxy wrote about itself; what a client writes does not count")
    func forwarded() throws {
        let proxies = TrustedProxies([try #require(AddressRange("127.0.0.1")), try #require(AddressRange("10.0.0.0/8"))])
        func client(_ peer: String, _ forwarded: String...) -> ClientAddress? {
            proxies.client(peer: ClientAddress(peer), forwarded: forwarded)
        }
        // Nobody is believed but the proxies.
        #expect(client("198.51.100.9", "192.0.2.1") == ClientAddress("198.51.100.9"))
        #expect(client("127.0.0.1", "192.0.2.1") == ClientAddress("192.0.2.1"))
        #expect(client("127.0.0.1", "1.2.3.4, 192.0.2.1, 10.0.0.3") == ClientAddress("192.0.2.1"))
        #expect(client("127.0.0.1", "1.2.3.4", "192.0.2.1") == ClientAddress("192.0.2.1"))
        #expect(client("127.0.0.1", "garbage, 10.0.0.3") == ClientAddress("10.0.0.3"))
        #expect(client("127.0.0.1") == ClientAddress("127.0.0.1"))
        #expect(proxies.client(peer: nil, forwarded: ["192.0.2.1"]) == nil)
    }
}

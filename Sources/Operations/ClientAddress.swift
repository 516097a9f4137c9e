import NIOCore

/// An internet address without a port.
public struct ClientAddress: Hashable, Sendable {
    /// 4 or 16 bytes; IPv4 addresses that are written as IPv6 ones have 4.
    public let bytes: [UInt8]

    /// From 4 or 16 bytes.
    init?(bytes: [UInt8]) {
        if bytes.count == 16, bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF {
            self.bytes = Array(bytes.suffix(4))
        } else {
            guard bytes.count == 4 || bytes.count == 16 else { return nil }
            self.bytes = bytes
        }
    }

    /// Of a connection; nil for a socket of another kind.
    public init?(_ address: SocketAddress?) {
        switch address {
        case .v4(let address): self.init(bytes: withUnsafeBytes(of: address.address.sin_addr) { Array($0) })
        case .v6(let address): self.init(bytes: withUnsafeBytes(of: address.address.sin6_addr) { Array($0) })
        default: return nil
        }
    }

    /// From text such as `192.0.2.7`, `2001:db8::1`, and as proxies write it: with a port, in brackets.
    public init?(_ text: some StringProtocol) {
        var text = String(text)
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            text = String(text[text.index(after: text.startIndex)..<end])
        } else if text.filter({ $0 == ":" }).count == 1, let colon = text.firstIndex(of: ":") {
            text = String(text[..<colon])
        }
        self.init(try? SocketAddress(ipAddress: text, port: 0))
    }

    /// This machine itself.
    public var isLoopback: Bool { bytes.count == 4 ? bytes[0] == 127 : bytes == Array(repeating: 0, count: 15) + [1] }

    /// What a household or a machine has: an IPv4 address, or the first 64 bits of an IPv6 one.
    var network: [UInt8] { Array(bytes.prefix(8)) }
}

/// All addresses that begin with the same bits, written as `10.0.0.0/8`, `2001:db8::/32`, or a single address.
public struct AddressRange: Sendable, Equatable {
    private let first: ClientAddress
    private let bits: Int

    /// From text; nil when it is none, or when it has bits behind those that count.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), !parts[0].hasPrefix("["), let first = ClientAddress(parts[0]) else { return nil }
        let all = first.bytes.count * 8
        guard let bits = parts.count == 1 ? all : Int(parts[1]), (0...all).contains(bits) else { return nil }
        guard parts.count == 1 || String(bits) == parts[1] else { return nil }
        self.first = first
        self.bits = bits
        for bit in bits..<max(bits, all) where first.bytes[bit / 8] & (0x80 >> UInt8(bit % 8)) != 0 { return nil }
    }

    /// Whether an address is one of them.
    public func contains(_ address: ClientAddress) -> Bool {
        guard address.bytes.count == first.bytes.count else { return false }
        return (0..<bits).allSatisfy { bit in (first.bytes[bit / 8] ^ address.bytes[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0 }
    }
}

/// Proxies whose word is taken on who sent a request.
public struct TrustedProxies: Sendable {
    private let ranges: [AddressRange]

    /// Those of some ranges.
    public init(_ ranges: [AddressRange]) { self.ranges = ranges }

    /// Who sent a request: the other end of the connection, or, where that is a trusted proxy, the last in `X-Forwarded-For` that is none. What stands
    /// before it anybody can have written. nil when nobody can say.
    ///
    /// `forwarded`: the header's fields in their order.
    public func client(peer: ClientAddress?, forwarded: [String]) -> ClientAddress? {
        guard let peer, ranges.contains(where: { $0.contains(peer) }) else { return peer }
        var last = peer
        for hop in forwarded.flatMap({ $0.split(separator: ",") }).reversed() {
            guard let address = ClientAddress(hop.drop { $0 == " " }.prefix { $0 != " " }) else { return last }
            last = address
            guard ranges.contains(where: { $0.contains(address) }) else { return last }
        }
        return last
    }
}

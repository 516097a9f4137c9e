import NIOCore
import NIOPosix

/// Addresses that the internet reaches (the IANA registries of special addresses).
package enum PublicAddress {
    /// Where a host is: the first of its addresses, as text that is dialled instead of the name. So no second look-up gives another than the one
    /// that was judged.
    ///
    /// - Parameter mayBePrivate: whether an address will do that the internet does not reach.
    /// - Returns: nil when the host has no such address.
    static func of(host: String, mayBePrivate: Bool) async throws -> String? {
        let name = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        let address = try await NIOThreadPool.singleton.runIfActive { try SocketAddress.makeAddressResolvingHost(name, port: 0) }
        guard let text = address.ipAddress, mayBePrivate || isPublic(address) else { return nil }
        return text
    }

    package static func isPublic(_ address: SocketAddress) -> Bool {
        switch address {
        case .v4(let v4): withUnsafeBytes(of: v4.address.sin_addr) { isPublic(v4: Array($0)) }
        case .v6(let v6): withUnsafeBytes(of: v6.address.sin6_addr) { isPublic(v6: Array($0)) }
        case .unixDomainSocket: false
        }
    }

    private static func isPublic(v4 bytes: [UInt8]) -> Bool {
        let word = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return !v4Special.contains { word >> (32 - $0.length) == $0.prefix >> (32 - $0.length) }
    }

    /// Only global unicast, but for what stands for another address or for documentation.
    private static func isPublic(v6 bytes: [UInt8]) -> Bool {
        if bytes.starts(with: [0, 0x64, 0xff, 0x9b]) && bytes[4..<12].allSatisfy({ $0 == 0 }) { return isPublic(v4: Array(bytes[12...])) }
        guard bytes[0] & 0xe0 == 0x20 else { return false }
        if bytes.starts(with: [0x20, 0x02]) { return isPublic(v4: Array(bytes[2..<6])) }
        // Protocol assignments and tunnels, and documentation.
        return !(bytes.starts(with: [0x20, 0x01]) && bytes[2] < 2) && !bytes.starts(with: [0x20, 0x01, 0x0d, 0xb8])
            && !(bytes[0] == 0x3f && bytes[1] == 0xff)
    }

    private static let v4Special: [(prefix: UInt32, length: UInt32)] = [
        (0x0000_0000, 8), (0x0a00_0000, 8), (0x6440_0000, 10), (0x7f00_0000, 8), (0xa9fe_0000, 16), (0xac10_0000, 12), (0xc000_0000, 24),
        (0xc000_0200, 24), (0xc058_6300, 24), (0xc0a8_0000, 16), (0xc612_0000, 15), (0xc633_6400, 24), (0xcb00_7100, 24), (0xe000_0000, 4),
        (0xf000_0000, 4),
    ]
}

/// Which addresses a forum may be sent back to.
package enum RedirectURI {
    package static let greatest = 2000

    /// Whether an address may be registered: https, http on this machine, or an app's own scheme (with a dot, RFC 8252); no fragment, no
    /// user, nothing but printable ASCII. Compared byte by byte afterwards, so nothing else of its form matters.
    package static func isAdmissible(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard (1...greatest).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7E).contains($0) }),
            !bytes.contains(where: { "#\\\"<>^`{|}".utf8.contains($0) }), let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
        else { return false }
        let scheme = String(decoding: bytes[..<colon], as: UTF8.self)
        let rest = bytes[(colon + 1)...]
        switch scheme {
        case "https", "http":
            guard let authority = authority(of: rest) else { return false }
            return scheme == "https" || isLoopback(authority)
        default:
            return scheme.contains(".") && !scheme.hasPrefix(".")
                && scheme.utf8.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || "+-.".utf8.contains($0) }
        }
    }

    /// The origin of an http or https address that is nothing but an origin; nil for others.
    package static func origin(_ text: String) -> (scheme: String, authority: String)? {
        guard isAdmissible(text), let colon = text.firstIndex(of: ":") else { return nil }
        let (scheme, rest) = (String(text[..<colon]), Array(text.utf8)[(text.utf8.distance(from: text.startIndex, to: colon) + 1)...])
        guard scheme == "https" || scheme == "http", let authority = authority(of: rest), authority.utf8.count + 2 == rest.count else {
            return nil
        }
        return (scheme, authority)
    }

    /// Origin of an admissible address; of an app's its scheme, which is all that says whose it is.
    package static func origin(of text: String) -> String {
        let scheme = text.prefix { $0 != ":" }
        let rest = Array(text.utf8.dropFirst(scheme.utf8.count + 1))
        guard scheme == "https" || scheme == "http", let authority = authority(of: rest[...]) else { return scheme + ":" }
        return scheme + "://" + authority
    }

    private static func authority(of rest: ArraySlice<UInt8>) -> String? {
        guard rest.starts(with: "//".utf8) else { return nil }
        let authority = rest.dropFirst(2).prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        guard !authority.isEmpty, authority.first != UInt8(ascii: ":"), !authority.contains(UInt8(ascii: "@")) else { return nil }
        return String(decoding: authority, as: UTF8.self)
    }

    private static func isLoopback(_ authority: String) -> Bool {
        for host in ["127.0.0.1", "[::1]", "localhost"] where authority.hasPrefix(host) {
            let port = authority.dropFirst(host.count)
            if port.isEmpty || (port.first == ":" && UInt16(port.dropFirst()) != nil) { return true }
        }
        return false
    }
}

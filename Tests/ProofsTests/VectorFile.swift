import Foundation
import TestSupport
import Testing

/// The published vectors of the drafts, one dictionary each.
enum VectorFile {
    static func read(_ name: String) throws -> [[String: Any]] {
        try #require(try JSONSerialization.jsonObject(with: try TestVectors.data(name)) as? [[String: Any]])
    }
}

extension [String: Any] {
    /// A text of the vector.
    func text(_ key: String) throws -> String { try #require(self[key] as? String) }
    /// Bytes of the vector, from hexadecimal.
    func bytes(_ key: String) throws -> [UInt8] { try hex(try text(key)) }
    /// Whether the vector wants to be refused.
    var wantsRefusal: Bool { self["Expected"] as? String == "reject" }
}

/// A number written 0x..., as 32 bytes big-endian.
func hexNumber(_ text: String) throws -> [UInt8] {
    let bytes = try hex(text)
    return [UInt8](repeating: 0, count: 32 - bytes.count) + bytes
}

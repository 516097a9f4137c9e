import Curves
import Foundation
import Testing

/// The published vectors, one dictionary each.
enum VectorFile {
    static func read(_ name: String) throws -> [[String: Any]] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Vectors")
        let data = try Data(contentsOf: folder.appendingPathComponent(name))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
    }
}

extension [String: Any] {
    /// A text of the vector.
    func text(_ key: String) throws -> String { try #require(self[key] as? String) }
    /// Bytes of the vector, from hexadecimal.
    func bytes(_ key: String) throws -> [UInt8] { try #require(hexBytes(try text(key))) }
    /// Whether the vector wants to be refused.
    var wantsRefusal: Bool { self["Expected"] as? String == "reject" }
}

/// Bytes of a hexadecimal text, nil if it is none.
func hexBytes(_ hex: String) -> [UInt8]? {
    let digits = hex.compactMap { $0.hexDigitValue }
    guard digits.count == hex.count, digits.count % 2 == 0 else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// A number written 0x..., as 32 bytes big-endian.
func hexNumber(_ text: String) throws -> [UInt8] {
    try #require(text.hasPrefix("0x"))
    let digits = String(text.dropFirst(2))
    return try #require(hexBytes(String(repeating: "0", count: 64 - digits.count) + digits))
}

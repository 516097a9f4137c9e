import CryptoExtras
import Foundation
import Platform
import Reputation

/// Passwords as they are kept: scrypt with a salt of their own, the cost beside it so that it can be raised later.
package enum Password {
    /// 2^15 blocks of 1 KiB: 32 MB and some tenth of a second for each guess.
    private static let cost: (rounds: Int64, blockSize: Int64, parallelism: Int64) = (1 << 15, 8, 1)
    /// Bytes of a password.
    package static let lengths = 12...256

    /// The same text typed on another system is the same password.
    private static func bytes(_ text: String) -> [UInt8] { Array(text.precomposedStringWithCanonicalMapping.utf8) }

    /// Whether it can be chosen.
    package static func isAdmissible(_ text: String) -> Bool { lengths.contains(bytes(text).count) }

    /// What is kept of one.
    ///
    /// - Throws: what scrypt throws when there is no memory for it.
    package static func record(of text: String) throws -> [UInt8] {
        let salt = Random.bytes(16)
        let hash = try derive(text, salt: salt, rounds: cost.rounds, blockSize: cost.blockSize, parallelism: cost.parallelism)
        return JSON.object([
            .init("version", .integer(Int64(1))), .init("rounds", .integer(cost.rounds)), .init("block-size", .integer(cost.blockSize)),
            .init("parallelism", .integer(cost.parallelism)), .init("salt", .hex(salt)), .init("hash", .hex(hash)),
        ]).encoded()
    }

    /// Whether a text is the password of a record. Without a record the same is computed, so that the time does not say whether there is one.
    package static func matches(_ text: String, _ record: [UInt8]?) throws -> Bool {
        guard let record else {
            _ = try Password.record(of: String(text.prefix(lengths.upperBound)))
            return false
        }
        guard isAdmissible(text) else { return try matches(text, nil) }
        var object = try JSONObject(JSON(parsing: record))
        try object.version(1)
        let hash = try derive(
            text, salt: object.hex("salt", 16), rounds: object.integer("rounds", in: 2...(1 << 20)),
            blockSize: object.integer("block-size", in: 1...32), parallelism: object.integer("parallelism", in: 1...16))
        let expected = try object.hex("hash", 32)
        try object.finish()
        return constantTimeEquals(hash, expected)
    }

    private static func derive(
        _ text: String, salt: [UInt8], rounds: Int64, blockSize: Int64, parallelism: Int64
    ) throws -> [UInt8] {
        try KDF.Scrypt.deriveKey(
            from: bytes(text), salt: salt, outputByteCount: 32, rounds: Int(rounds), blockSize: Int(blockSize),
            parallelism: Int(parallelism)
        ).withUnsafeBytes { Array($0) }
    }
}

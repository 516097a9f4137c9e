import Foundation
import JWTKit
import Reputation

/// The claims of a token: this package's JSON, so that what an ID token says and what the userinfo endpoint says come from one list.
package struct Claims: JWTPayload {
    package let json: JSON

    package init(_ members: [JSON.Member]) { json = .object(members) }

    /// Times are for whoever accepts the token: a token that a forum gives back as a hint may have expired.
    package func verify(using algorithm: some JWTAlgorithm) {}

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    package func encode(to encoder: any Encoder) throws { try Claims.encode(json, to: encoder) }

    private struct Value: Codable {
        let json: JSON
        init(_ json: JSON) { self.json = json }
        func encode(to encoder: any Encoder) throws { try Claims.encode(json, to: encoder) }
        init(from decoder: any Decoder) throws { json = try Claims.decode(decoder) }
    }

    private static func encode(_ json: JSON, to encoder: any Encoder) throws {
        switch json {
        case .object(let members):
            var container = encoder.container(keyedBy: Name.self)
            for member in members {
                try container.encode(Value(member.value), forKey: Name(stringValue: String(decoding: member.name, as: UTF8.self)))
            }
        case .array(let values):
            var container = encoder.unkeyedContainer()
            for value in values { try container.encode(Value(value)) }
        case .string(let text):
            var container = encoder.singleValueContainer()
            try container.encode(String(decoding: text, as: UTF8.self))
        case .integer(let value):
            var container = encoder.singleValueContainer()
            try container.encode(value)
        case .bool(let value):
            var container = encoder.singleValueContainer()
            try container.encode(value)
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        }
    }

    package init(from decoder: any Decoder) throws { json = try Claims.decode(decoder) }

    private static func decode(_ decoder: any Decoder) throws -> JSON {
        if let container = try? decoder.container(keyedBy: Name.self) {
            return .object(try container.allKeys.map { .init($0.stringValue, try container.decode(Value.self, forKey: $0).json) })
        }
        if var container = try? decoder.unkeyedContainer() {
            var values: [JSON] = []
            while !container.isAtEnd { values.append(try container.decode(Value.self).json) }
            return .array(values)
        }
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) { return .text(text) }
        if let value = try? container.decode(Bool.self) { return .bool(value) }
        if let value = try? container.decode(Int64.self) { return .integer(value) }
        return .null
    }
}

/// Strict reading of an object: every member is asked for by name, and what nobody asked for is an error.
public struct JSONObject {
    private let members: [JSON.Member]
    private var taken: [Bool]

    /// Throws unless the value is an object.
    public init(_ value: JSON) throws(JSONError) {
        guard case .object(let members) = value else { throw .wrongValue([]) }
        self.members = members
        taken = [Bool](repeating: false, count: members.count)
    }

    /// The value of a member, nil when there is none.
    public mutating func takeIfPresent(_ name: String) -> JSON? {
        for i in members.indices where members[i].name.elementsEqual(name.utf8) {
            taken[i] = true
            return members[i].value
        }
        return nil
    }

    /// The value of a member; throws when there is none.
    @export(interface)
    public mutating func take(_ name: String) throws(JSONError) -> JSON {
        guard let value = takeIfPresent(name) else { throw .missingMember(Array(name.utf8)) }
        return value
    }

    /// An integer within a range.
    public mutating func integer(_ name: String, in range: ClosedRange<Int64> = Int64.min...Int64.max) throws(JSONError) -> Int64 {
        guard case .integer(let value) = try take(name), range.contains(value) else { throw .wrongValue(Array(name.utf8)) }
        return value
    }

    /// An integer of 32 bits without sign.
    public mutating func uint32(_ name: String) throws(JSONError) -> UInt32 {
        UInt32(truncatingIfNeeded: try integer(name, in: 0...Int64(UInt32.max)))
    }

    /// The version of a format: throws unless it is this one.
    public mutating func version(_ version: Int64) throws(JSONError) { _ = try integer("version", in: version...version) }

    /// UTF-8 text of at most so many bytes.
    public mutating func text(_ name: String, atMost count: Int) throws(JSONError) -> [UInt8] {
        guard case .string(let bytes) = try take(name), bytes.count <= count else { throw .wrongValue(Array(name.utf8)) }
        return bytes
    }

    /// Bytes in hex, their number within a range.
    public mutating func hex(_ name: String, _ count: ClosedRange<Int>) throws(JSONError) -> [UInt8] {
        let text = try text(name, atMost: 2 * count.upperBound)
        guard let bytes = try? Hex.decode(text), count.contains(bytes.count) else { throw .wrongValue(Array(name.utf8)) }
        return bytes
    }

    /// So many bytes in hex.
    public mutating func hex(_ name: String, _ count: Int) throws(JSONError) -> [UInt8] { try hex(name, count...count) }

    /// 32 bytes in hex.
    public mutating func digest(_ name: String) throws(JSONError) -> Digest {
        let bytes = try hex(name, 32)
        guard let digest = try? Digest(bytes) else { throw .wrongValue(Array(name.utf8)) }
        return digest
    }

    /// At most so many bytes in base64url.
    public mutating func base64URL(_ name: String, atMost count: Int) throws(JSONError) -> [UInt8] {
        let text = try text(name, atMost: (4 * count + 2) / 3)
        guard let bytes = try? Base64.url.decode(text), bytes.count <= count else { throw .wrongValue(Array(name.utf8)) }
        return bytes
    }

    /// An array of at most so many values.
    public mutating func array(_ name: String, atMost count: Int) throws(JSONError) -> [JSON] {
        guard case .array(let values) = try take(name), values.count <= count else { throw .wrongValue(Array(name.utf8)) }
        return values
    }

    /// An array of at most so many integers.
    public mutating func integers(_ name: String, atMost count: Int) throws(JSONError) -> [Int64] {
        var out: [Int64] = []
        for value in try array(name, atMost: count) {
            guard case .integer(let value) = value else { throw .wrongValue(Array(name.utf8)) }
            out.append(value)
        }
        return out
    }

    /// Whether a member is there.
    public func has(_ name: String) -> Bool { members.contains { $0.name.elementsEqual(name.utf8) } }

    /// Throws when a member was not asked for.
    @export(interface)
    public func finish() throws(JSONError) {
        for i in members.indices where !taken[i] { throw .unknownMember(members[i].name) }
    }
}

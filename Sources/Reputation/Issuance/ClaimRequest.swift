/// What a holder sends to claim a credential: his code, and the request for issuance bound to it.
public struct ClaimRequest: Equatable, Sendable {
    /// The bearer code.
    public let code: ClaimCode
    /// Q and the proof of its opening: `Issuance.request`.
    public let message: [UInt8]

    /// From its parts.
    public init(code: ClaimCode, message: [UInt8]) {
        self.code = code
        self.message = message
    }

    /// From JSON: `{"version":1,"code","message"}`.
    @export(interface)
    public init(json: JSON) throws(IssuanceError) {
        let text: [UInt8]
        do {
            var object = try JSONObject(json)
            try object.version(1)
            text = try object.text("code", atMost: BearerCodeText.greatestLength)
            message = try object.base64URL("message", atMost: Issuance.messageLength)
            try object.finish()
        } catch {
            throw .json(error)
        }
        do { code = try ClaimCode(parsing: text) } catch { throw .code(error) }
    }

    /// The JSON form. Holds the code: whoever reads it can claim.
    public var json: JSON {
        .object([.init("version", .integer(Int64(1))), .init("code", .text(code.text)), .init("message", .base64URL(message))])
    }
}

/// What a banned member proves to be heard: a presentation of the sign-in scope alone, bound to what he says.
///
/// Nobody asks for it and nothing in it is fresh: a repetition is the same appeal again, and says how it stands.
public enum AppealStatement {
    /// Longest text, in bytes of UTF-8.
    public static let greatestText = 4000

    /// What the proof is bound to: SHA-256 over a label and the text, in UTF-8.
    public static func message(of text: [UInt8]) -> Digest { Digest.of(Array("SYMBOLON-V01-appeal".utf8) + text) }

    /// The request that an appeal answers.
    ///
    /// Throws when the request cannot be one, which no text and no audience bring about.
    public static func request(
        community: Community, epoch: UInt32, audience: Digest, text: [UInt8]
    ) throws(RequestError) -> PresentationRequest {
        let message = message(of: text)
        return try PresentationRequest(
            context: Context(
                community: community.id, schema: community.schema.digest, epoch: epoch, audience: audience,
                nonce: Digest.of(Array("SYMBOLON-V01-appeal-nonce".utf8) + message.bytes).bytes, expires: Int64.max, message: message),
            scopes: [.signIn(audience: audience)])
    }
}

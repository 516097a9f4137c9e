/// What a banned member proves to be heard: a presentation of the sign-in scope alone, bound to what he says.
///
/// Nobody asks for it and nothing in it is fresh: a repetition is the same appeal again, and says how it stands.
public enum AppealStatement {
    /// Longest text, in bytes of UTF-8.
    public static let greatestText = 4000

    /// Whether a text can be one: 1 to ``greatestText`` bytes of UTF-8, more than blanks, no control characters but line ends. Services refuse
    /// characters that only format too; those stand in tables that a browser's module goes without.
    public static func canBe(_ text: [UInt8]) -> Bool {
        guard text.count <= greatestText else { return false }
        var (at, saysSomething) = (0, false)
        while at < text.count {
            let count = text[at] < 0x80 ? 1 : utf8Sequence(text, at)
            switch (count, text[at]) {
            case (0, _): return false
            case (1, 0x0a), (1, 0x20): break
            case (1, ..<0x20), (1, 0x7f): return false
            case (2, 0xc2) where text[at + 1] < 0xa0: return false
            // The separators of lines and paragraphs.
            case (3, 0xe2) where text[at + 1] == 0x80 && (0xa8...0xa9).contains(text[at + 2]): return false
            default: saysSomething = true
            }
            at += count
        }
        return saysSomething
    }

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

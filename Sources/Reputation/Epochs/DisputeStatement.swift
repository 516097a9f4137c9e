/// What the holder of an account proves to dispute a report on it: a presentation of the account's scope, bound to the message.
///
/// Nobody asks for it and nothing in it is fresh: a repetition disputes the same report again.
public enum DisputeStatement {
    /// The request that a dispute answers.
    public static func request(
        community: Community, epoch: UInt32, audience: Digest, message: Digest
    ) throws(RequestError) -> PresentationRequest {
        let subject = Array("SYMBOLON-V01-dispute".utf8) + message.bytes
        return try PresentationRequest(
            context: Context(
                community: community.id, schema: community.schema.digest, epoch: epoch, audience: audience,
                nonce: Digest.of(subject).bytes, expires: Int64.max, message: message),
            scopes: [
                .act(community: community.id, audience: audience, subject: subject),
                .account(community: community.id, epoch: epoch, audience: audience),
            ])
    }
}

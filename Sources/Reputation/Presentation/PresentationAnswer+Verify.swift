import Membership

extension PresentationAnswer {
    /// Verifies an answer to what was asked: that it answers that request, that the request may be asked (of this community, by this audience,
    /// now), that it is about this root, and that the proof holds. Throws `PresentationError` naming the failed check.
    ///
    /// `root` and `depth` are the verifier's own, of the epoch in the request, never taken from the answer. Spending nullifiers is up to the caller.
    public func verify(
        asked: PresentationRequest, community: Digest, schema: Schema, audience: Digest, now: Int64, depth: Int, root: TreeRoot
    ) throws(PresentationError) -> Presentation.Verified {
        let request: Request
        do throws(RequestError) {
            try check(isFor: asked)
            try asked.check(community: community, schema: schema, epoch: asked.context.epoch, audience: audience, now: now)
            guard self.root == root.encoded else { throw RequestError.rootMismatch }
            request = try protocolRequest(schema: schema)
        } catch {
            throw .request(error)
        }
        return try Presentation.verify(presentation, request, depth: depth, root: root)
    }
}

import Membership

extension PresentationAnswer {
    /// Verifies an answer to what was asked: that it answers that request, that the request may be asked (of this community, by this audience,
    /// now), that it is about this root, and that the proof holds. Throws `PresentationError` naming the failed check.
    ///
    /// `root`, `depth` and `epoch` are the verifier's own and belong together, never taken from the answer: a request of another epoch than the
    /// root's is refused, else an old credential would outlive a penalty. Spending nullifiers is up to the caller.
    @export(interface)
    public func verify(
        asked: PresentationRequest, community: Digest, schema: Schema, audience: Digest, now: Int64, epoch: UInt32,
        depth: Int, root: TreeRoot
    ) throws(PresentationError) -> Presentation.Verified {
        try Presentation.verify([
            claim(asked: asked, community: community, schema: schema, audience: audience, now: now, epoch: epoch, depth: depth, root: root)
        ])[0]
    }

    /// All checks of `verify` but the proof, and what it has to prove.
    public func claim(
        asked: PresentationRequest, community: Digest, schema: Schema, audience: Digest, now: Int64, epoch: UInt32,
        depth: Int, root: TreeRoot
    ) throws(PresentationError) -> Presentation.Claim {
        let request: Request
        do throws(RequestError) {
            try check(isFor: asked)
            try asked.check(community: community, schema: schema, epoch: epoch, audience: audience, now: now)
            guard self.root == root.encoded else { throw RequestError.rootMismatch }
            request = try protocolRequest(schema: schema)
        } catch {
            throw .request(error)
        }
        return Presentation.Claim(presentation: presentation, request: request, depth: depth, root: root)
    }
}

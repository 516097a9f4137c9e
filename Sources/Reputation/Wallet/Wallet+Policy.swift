extension Wallet {
    /// What an audience may ask of a community's members, as this wallet first saw it or its holder agreed to.
    public func policy(of audience: Digest, community: Digest) -> Policy? {
        policies.first { $0.audience == audience && $0.community == community }
    }

    /// Takes over what an audience may ask, when it asks for the first time; afterwards throws `.policy` for a request of another form.
    /// Store the wallet before presenting.
    ///
    /// `published`: the audience's policy, nil when it has none: then it may go on asking what it asks now.
    public mutating func pin(_ request: PresentationRequest, published: Policy?) throws(WalletError) {
        let context = request.context
        if let known = policy(of: context.audience, community: context.community) {
            guard known.allows(request) else { throw .policy }
            return
        }
        let first = published ?? Policy(of: request)
        guard first.allows(request) else { throw .policy }
        policies.append(first)
    }

    /// Replaces what an audience may ask, with its holder's consent; without a published policy it may ask this too, beside what it could.
    /// Throws `.policy` when the new policy does not allow the request.
    public mutating func consent(to request: PresentationRequest, published: Policy?) throws(WalletError) {
        let context = request.context
        let known = policy(of: context.audience, community: context.community)
        let next: Policy
        if let published {
            next = published
        } else if let known, !known.allows(request), known.schema == context.schema {
            do {
                next = try Policy(
                    community: known.community, schema: known.schema, audience: known.audience,
                    forms: known.forms + Policy(of: request).forms)
            } catch {
                throw .request(error)
            }
        } else {
            next = Policy(of: request)
        }
        guard next.allows(request) else { throw .policy }
        policies.removeAll { $0.audience == context.audience && $0.community == context.community }
        policies.append(next)
    }
}

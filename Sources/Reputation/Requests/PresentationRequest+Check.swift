extension PresentationRequest {
    /// Throws unless this may be asked of a credential of that community, schema and epoch by that audience at that time (seconds since
    /// 1970). The rules of docs/living-community.md, "What may be asked"; the wallet and the verifier run the same.
    public func check(community: Digest, schema: Schema, epoch: UInt32, audience: Digest, now: Int64) throws(RequestError) {
        guard context.community == community else { throw .communityMismatch }
        guard context.schema == schema.digest else { throw .schemaMismatch }
        guard context.epoch == epoch else { throw .epochMismatch }
        guard context.audience == audience else { throw .audienceMismatch }
        guard now < context.expires else { throw .expired }
        for scope in scopes {
            if let id = scope.community, id != community { throw .scopeCommunity }
            if let other = scope.epoch, other != epoch { throw .scopeEpoch }
            if let id = scope.audience, id != audience { throw .scopeAudience }
        }
        try checkCombination()
        // A top-up's scope names no audience: two who asked for it would see one nullifier. Only the community itself may ask.
        for case .topUp in scopes where audience != community { throw .scopeAudience }
        try Request.check(attributes: schema.count + 1, disclosed: disclose, predicates: predicates, domains: schema.domains)
        for predicate in predicates {
            for weight in predicate.weights where weight.weight < 0 && schema.attribute(at: weight.index)?.kind == .growing {
                throw .atMostOnGrowing
            }
        }
    }

    /// Sign-in, an act or a ticket, each alone or with one account; a top-up alone.
    ///
    /// A renewal goes with the accounts that settle in it, which are of other epochs: it is not asked through this type.
    private func checkCombination() throws(RequestError) {
        guard Set(scopes).count == scopes.count else { throw .scopes }
        var principal = tickets == nil ? 0 : 1
        var accounts = 0
        var topUps = 0
        for scope in scopes {
            switch scope {
            case .signIn, .act: principal += 1
            case .account: accounts += 1
            case .topUp: topUps += 1
            case .post, .renew: throw .scopeCombination
            }
        }
        guard (principal == 1 && accounts <= 1 && topUps == 0) || (principal == 0 && accounts == 0 && topUps == 1) else {
            throw .scopeCombination
        }
    }
}

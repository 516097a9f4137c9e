/// What the service keeps: communities, codes, issuance answers, top-ups and renewals, the log with its leaves and checkpoints, presentation requests
/// and spent nullifiers.
///
/// Every method is one atomic step: when it returns, what it says has happened survives a kill of the process and a loss of power; when
/// it throws, nothing has happened or, if the connection broke after the commit, a repetition answers the same. An instance may be used
/// from many tasks (and, where the database allows it, from many processes) at once; the promises about "once" hold across all of them.
public protocol Store: Sendable {
    // MARK: Communities and claim codes

    /// Adds a community. Throws ``StoreError/exists`` when its id is taken.
    func addCommunity(_ community: CommunityRecord) async throws(StoreError)
    /// All communities, in the order of their addition.
    func communities() async throws(StoreError) -> [CommunityRecord]
    /// Adds claim codes, all or none. Throws ``StoreError/exists`` when one of the hashes or persons is there already: first issuance is
    /// once per person and community.
    func addClaimCodes(_ codes: [ClaimCodeRecord], community: [UInt8]) async throws(StoreError)
    /// The claim code of that hash, or nil.
    func claimCode(hash: [UInt8], community: [UInt8]) async throws(StoreError) -> ClaimCodeRecord?

    /// Revokes a person: his codes can be used no more, his leaves that no batch holds enter none, and those in the tree are to be taken out.
    func revoke(person: String, community: [UInt8]) async throws(StoreError) -> RevocationOutcome
    /// Leaves of revoked persons that a batch holds and none has taken out, at most `limit`.
    func pendingRemovals(community: [UInt8], limit: Int) async throws(StoreError) -> [[UInt8]]

    // MARK: Issuance

    /// Records the answer to a request for issuance under its claim code, once: the first to come wins; the same code with the same
    /// blank gets the first answer again, with another blank it is refused.
    func issue(_ issuance: IssuanceRecord, community: [UInt8]) async throws(StoreError) -> IssuanceOutcome
    /// The answer given for a code, or nil.
    func issuance(codeHash: [UInt8], community: [UInt8]) async throws(StoreError) -> IssuanceRecord?
    /// Issued leaves that no batch holds yet, at most `limit`, oldest first.
    func pendingLeaves(community: [UInt8], limit: Int) async throws(StoreError) -> [PendingLeaf]

    // MARK: Top-ups

    /// Adds top-up codes of one label, all or none. Throws ``StoreError/exists`` when one of the hashes is there already, or one of the persons
    /// under this label: who repeats a table gives nobody twice; ``StoreError/conflict`` when one of the persons has no claim code, or a
    /// revoked one.
    func addTopUpCodes(_ codes: [TopUpCodeRecord], community: [UInt8]) async throws(StoreError)
    /// The top-up code of that hash, unless its person is revoked, or nil.
    func topUpCode(hash: [UInt8], community: [UInt8]) async throws(StoreError) -> TopUpCodeRecord?
    /// Records the answer to a top-up under its code, once: the first to come wins; the same code and leaf get the first answer again, another
    /// leaf is refused. `logSize`: of the log whose tree it was proved against; nothing is recorded once the log has gone on.
    func topUp(_ topUp: TopUpRecord, logSize: Int, community: [UInt8]) async throws(StoreError) -> TopUpOutcome
    /// The top-up answered under a code, or nil.
    func topUp(codeHash: [UInt8], community: [UInt8]) async throws(StoreError) -> TopUpRecord?
    /// Top-ups that no batch holds yet, those of revoked persons left out, at most `limit`, oldest first.
    func pendingTopUps(community: [UInt8], limit: Int) async throws(StoreError) -> [TopUpRecord]

    // MARK: Log

    /// Appends a batch: its entries, the leaves they add, the checkpoint over them; and marks the leaves as included. Throws
    /// ``StoreError/conflict`` when the log does not end where the batch begins, or one of the leaves is not pending.
    func append(_ batch: LogBatch, community: [UInt8]) async throws(StoreError)
    /// Log entries from a position on, at most `limit`.
    func logEntries(community: [UInt8], from: Int, limit: Int) async throws(StoreError) -> [[UInt8]]
    /// Publishes the checkpoint of a size, or replaces its note by one with more signatures. Throws ``StoreError/conflict`` when there is
    /// no checkpoint of that size.
    func publish(checkpoint: [UInt8], size: Int, community: [UInt8]) async throws(StoreError)
    /// The newest published checkpoint, a signed note, or nil before the first batch.
    func checkpoint(community: [UInt8]) async throws(StoreError) -> [UInt8]?
    /// The newest checkpoint, published or not, or nil before the first batch.
    func sealedCheckpoint(community: [UInt8]) async throws(StoreError) -> [UInt8]?
    /// Numbers of a community for a status page.
    func counts(community: [UInt8]) async throws(StoreError) -> CommunityCounts

    // MARK: Epochs

    /// Ends an epoch, as often as it is said: from then on nothing is issued and nobody renews into it, and acts of the epoch before it are
    /// reported no more.
    func endEpoch(_ epoch: UInt32, community: [UInt8]) async throws(StoreError)
    /// Lets feedback settle at the end of an epoch, and renewals out of it begin; the first plan that is given stays. Nothing happens while
    /// a report on an earlier epoch's act is disputed; afterwards none can be.
    func settleEpoch(_ epoch: UInt32, next: EpochPlan, community: [UInt8]) async throws(StoreError) -> SettlementOutcome
    /// What was said about the end of an epoch, or nil.
    func epochEnd(_ epoch: UInt32, community: [UInt8]) async throws(StoreError) -> EpochEnd?
    /// Records a report, once for each message of an account, unless the epoch after the act's has ended.
    func addReport(_ report: ReportRecord, community: [UInt8]) async throws(StoreError) -> ReportOutcome
    /// Reports of acts of an epoch with greater numbers than this, at most `limit`, by number.
    func reports(epoch: UInt32, after number: Int, limit: Int, community: [UInt8]) async throws(StoreError) -> [ReportRecord]
    /// Marks a report as disputed, unless it is decided or has settled.
    func dispute(epoch: UInt32, audience: [UInt8], account: [UInt8], message: [UInt8], community: [UInt8]) async throws(StoreError)
        -> DisputeOutcome
    /// Decides a dispute; false when there is none under this number.
    func decide(report number: Int, upheld: Bool, community: [UInt8]) async throws(StoreError) -> Bool
    /// The answer that was accepted for the request of that nonce, and from which audience's visitor; nil when none was.
    func acceptedPresentation(nonce: [UInt8]) async throws(StoreError) -> (audience: [UInt8], presentation: [UInt8])?
    /// Records the answer to a renewal, once for each nullifier and epoch that is left: the first to come wins; the same leaf gets the first
    /// answer again, another is refused.
    func renew(_ renewal: RenewalRecord, community: [UInt8]) async throws(StoreError) -> RenewalOutcome
    /// The renewal out of an epoch with that nullifier, or nil.
    func renewal(from epoch: UInt32, nullifier: [UInt8], community: [UInt8]) async throws(StoreError) -> RenewalRecord?
    /// Renewals that no batch holds yet, at most `limit`, oldest first.
    func pendingRenewals(community: [UInt8], limit: Int) async throws(StoreError) -> [RenewalRecord]

    // MARK: Presentations

    /// Keeps presentation requests until they are used, in one step for all. Of each it says whether it is kept: ``StoreError/exists`` when
    /// its nonce was ever used. When it throws, none is.
    func addRequests(_ requests: [RequestRecord]) async throws(StoreError) -> [Result<Void, StoreError>]
    /// Takes a request back that is not used, for ever; false when it is used, or there is none.
    func cancelRequest(nonce: [UInt8]) async throws(StoreError) -> Bool
    /// The request of that nonce, used or not, or nil.
    func request(nonce: [UInt8]) async throws(StoreError) -> RequestRecord?
    /// Accepts completely verified presentations, in their order and in one step for all: each uses up its request and spends its nullifiers,
    /// all or nothing, whatever becomes of the others. When it throws, none is accepted.
    ///
    /// Of any number of acceptances with one nonce or one (scope, nullifier), in one call or in concurrent ones, exactly one is answered
    /// ``AcceptanceOutcome/accepted``.
    func accept(_ acceptances: [AcceptanceRecord]) async throws(StoreError) -> [Result<AcceptanceOutcome, StoreError>]
    /// Whether a nullifier is spent in a scope.
    func isSpent(_ spend: Spend) async throws(StoreError) -> Bool
    /// Spent nullifiers whose scopes begin with these bytes, in the order of their bytes, at most `limit`, from behind one on.
    func spends(scopePrefix: [UInt8], after: Spend?, limit: Int) async throws(StoreError) -> [Spend]
    /// The published set of spent nullifiers of an epoch and when it was made, in seconds since 1970; nil before the first.
    func spentSet(epoch: UInt32, community: [UInt8]) async throws(StoreError) -> (document: [UInt8], made: Int64)?
    /// Publishes a set, unless there is one that was made less than so many seconds before or after it; returns the one that stands then.
    func publish(spentSet document: [UInt8], made: Int64, interval: Int64, epoch: UInt32, community: [UInt8]) async throws(StoreError)
        -> (document: [UInt8], made: Int64)
    /// Forgets requests that expired before a time and were never used; returns how many.
    func removeUnusedRequests(expiredBefore time: UInt64) async throws(StoreError) -> Int
    /// Number of requests that are neither used nor removed; takes the same time however many there are.
    func outstandingRequests() async throws(StoreError) -> Int
}

extension Store {
    /// Keeps one presentation request. Throws ``StoreError/exists`` when its nonce was ever used.
    public func addRequest(_ request: RequestRecord) async throws(StoreError) {
        for result in try await addRequests([request]) { try result.get() }
    }

    /// Accepts one completely verified presentation.
    public func accept(_ acceptance: AcceptanceRecord) async throws(StoreError) -> AcceptanceOutcome {
        try await accept([acceptance])[0].get()
    }
}

/// Why a store did not do what it was asked.
public enum StoreError: Error, Equatable, Sendable {
    /// A record with that key is there already.
    case exists
    /// The state is not the one that the step was prepared for; prepare it again.
    case conflict
    /// The database failed; the text is its own and holds none of the stored values.
    case unavailable(String)
    /// A newer version of this program made the tables, as its step of this name; they are left alone.
    case newer(String)
}

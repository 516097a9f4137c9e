import Curves
import Membership
import Platform
import Proofs

/// What renewals and top-ups share: a leaf is proved, re-randomised and added to, and found again by its nullifier.
extension Wallet {
    /// The newest credential of a community, by epoch: the one that is renewed, topped up and presented.
    public func newestCredential(of community: Digest, identity: UInt32 = 0) -> Credential? {
        var newest: Credential?
        for credential in credentials where credential.identity == identity && credential.community.id == community {
            if newest.map({ $0.epoch <= credential.epoch }) ?? true { newest = credential }
        }
        return newest
    }

    /// The pseudonym of one of the wallet's secrets in a scope, 33 bytes: to find what is said about it in public.
    public func nullifier(_ scope: Scope, identity: UInt32 = 0) -> [UInt8] {
        Scope.base(of: scope.encoded).multiplied(by: seed.secret(identity: identity)).affine?.encoded ?? []
    }

    /// The message that has `amounts` added to a credential. `scope`: the one that is spent; the re-randomiser is the same whenever it is tried
    /// again with this leaf, so that the answer to a lost message fits. `request`: what the presentation answers, for a base and what is added.
    func derive(
        _ credential: Credential, scope: Scope, amounts: [Int64], path: MembershipPath, retry: UInt32,
        request: (_ base: [UInt8], _ addition: LeafAddition) throws(WalletError) -> Request
    ) throws(WalletError) -> DerivationMessage {
        let schema = credential.community.schema
        let disclosed = LeafAddition.disclosure(raw: amounts, values: credential.values, schema: schema)
        guard let addition = LeafAddition(raw: amounts, disclosed: disclosed, schema: schema) else { throw .values(.valueCount) }
        let rerandomiser = seed.rerandomiser(identity: credential.identity, scope: scope, leaf: credential.leaf, retry: retry)
        guard let base = (Secp256k1.bases.blinding.multiplied(by: rerandomiser) + path.leaf).affine?.encoded else { throw .leaf }
        let request = try request(base, addition)
        var attributes = [seed.secret(identity: credential.identity)] + credential.values.map { Fn(signed: $0) }
        defer { zeroize(&attributes) }
        let proved: Presentation.Proved
        do {
            proved = try Presentation.prove(request, attributes: attributes, blinding: credential.blinding, path: path)
        } catch {
            throw .proof(error)
        }
        // The proof's own re-randomiser is fresh, as it must be; the shift leads from it to the one that can be derived again.
        let shift = credential.blinding + rerandomiser - proved.blinding
        return DerivationMessage(
            root: path.root.encoded, base: base, shift: shift.encoded, disclosed: disclosed, presentation: proved.bytes)
    }

    /// The credential that a credential became, recomputed: `scope` was spent, `deltas` of attributes of that kind were added. `index`: its place
    /// in the tree, when it is known. Throws `.values` or `.leaf`.
    func derived(
        _ old: Credential, scope: Scope, to epoch: UInt32, deltas: [AttributeChange], of kind: Attribute.Kind, leaf: [UInt8],
        index: UInt32? = nil, retry: UInt32
    ) throws(WalletError) -> Credential {
        let attributes = old.community.schema.attributes
        var values = old.values
        for delta in deltas {
            guard values.indices.contains(delta.attribute - 1), attributes[delta.attribute - 1].kind == kind else {
                throw .values(.valueCount)
            }
            let (sum, overflow) = values[delta.attribute - 1].addingReportingOverflow(delta.value)
            guard !overflow else { throw .values(.value(attributes[delta.attribute - 1].name)) }
            values[delta.attribute - 1] = sum
        }
        do { try old.community.schema.check(values: values) } catch { throw .values(error) }
        let blinding = old.blinding + seed.rerandomiser(identity: old.identity, scope: scope, leaf: old.leaf, retry: retry)
        let own = AttributeBases.credential(secret: seed.secret(identity: old.identity), values: values, blinding: blinding)
        guard let own, own.encoded == leaf else { throw .leaf }
        return Credential(
            identity: old.identity, community: old.community, epoch: epoch, values: values, blinding: blinding, leaf: leaf,
            codeHash: old.codeHash, index: index, receipt: nil)
    }

    /// The credential that a leaf of the log was made of, one of `candidates`, and the one that it is. `spent`: the scope whose nullifier, the
    /// holder's, stands in the derivation; `epoch` and `index`: its tree and its place there. Throws `.values` or `.leaf` when it comes from none of them.
    func successor(
        of candidates: [Credential], _ derivation: LeafDerivation, spent scope: Scope, to epoch: UInt32, at index: UInt32
    ) throws(WalletError) -> (old: Credential, new: Credential) {
        let kind: Attribute.Kind = if case .topUp = scope { .growing } else { .feedback }
        var failure = WalletError.leaf
        for old in candidates.reversed() where old.epoch == scope.epoch && old.leaf != derivation.leaf {
            for retry in 0..<Wallet.greatestRetries {
                do {
                    let new = try derived(
                        old, scope: scope, to: epoch, deltas: derivation.deltas, of: kind, leaf: derivation.leaf, index: index,
                        retry: retry)
                    return (old, new)
                } catch {
                    failure = error
                    if error != .leaf { break }
                }
            }
        }
        throw failure
    }

    /// A wallet's credentials of a community and identity.
    func own(_ community: Community, identity: UInt32) -> [Credential] {
        credentials.filter { $0.community == community && $0.identity == identity }
    }

    private static let greatestRetries: UInt32 = 8
}

import Foundation
import Reputation
import SignIn
import VerifierService

/// What a wallet answers, and to whom: a request of an audience, or a sign-in that waits.
struct PresentTarget {
    let client: ServiceClient
    /// Address of the service.
    let service: String
    let audience: Digest
    let request: JSON
    /// The checkpoint that the verifier told with it.
    let checkpoint: [UInt8]?
    /// The sign-in page, when it is one.
    let signIn: (address: SignInAddress, offer: SignInOffer)?

    /// A request that an audience made, as it is served.
    init(service: String, audience: Digest, served: JSON) throws {
        (self.service, self.client, self.audience, signIn) = (service, ServiceClient(url: service), audience, nil)
        (request, checkpoint) = try PresentTarget.separated(served)
    }

    private static func separated(_ served: JSON) throws -> (JSON, [UInt8]?) {
        do { return try served.separatingCheckpoint() } catch { throw Refusal(code: error.code) }
    }

    /// The request of a sign-in for a tier, the lowest unless one is named. Says who asks.
    init(signIn url: String, tier: String?, audience: Digest?) async throws {
        guard let address = SignInAddress(url) else {
            throw CommandFailure("--url is not the address of a sign-in page: https://HOST/sign-in/HANDLE")
        }
        (service, client) = (address.origin, ServiceClient(url: address.origin))
        let offer: SignInOffer
        do { offer = try await client.offer(address) } catch ServiceClient.Failure.refused(let code, let status) where status < 500 {
            throw Refusal(code: code)
        }
        // A service that passes another's sign-in on would say the other's origin.
        guard offer.issuer == address.origin else { throw Refusal(code: "issuer-mismatch") }
        guard offer.audience == audience ?? offer.audience else { throw Refusal(code: "audience-mismatch") }
        let forum: ClientRecord
        do {
            forum = try await client.client(of: offer, now: Int64(Date().timeIntervalSince1970))
        } catch let failure as ClientRecord.Failure {
            throw Refusal(code: failure.code)
        }
        guard let asked = tier == nil ? offer.tiers.first : offer.tiers.first(where: { $0.name == tier }) else {
            throw CommandFailure("there is no such tier; there are \(offer.tiers.map(\.name).joined(separator: ", "))")
        }
        self.audience = offer.audience
        (request, checkpoint) = try PresentTarget.separated(asked.request)
        signIn = (address, offer)
        Terminal.message(
            "Signing in to \(forum.name) (\(forum.origins.joined(separator: ", "))) through \(address.origin), as \(asked.name).")
    }

    /// What the audience may ask, as its service says.
    func policy(community: Community) async throws -> Policy? {
        guard let signIn else { return try await client.policy(of: audience, community: community) }
        let policy = try Policy(json: signIn.offer.policy, schema: community.schema)
        guard policy.audience == audience, policy.community == community.id else {
            throw Refusal(code: "policy-mismatch")
        }
        return policy
    }

    /// Sends the answer, and what the wallet tells of the log; returns the verdict.
    func send(_ answer: PresentationAnswer, schema: Schema, checkpoint: [UInt8]?) async throws -> JSON {
        guard let signIn else { return try await client.present(answer, to: audience, schema: schema, checkpoint: checkpoint) }
        return try await client.answer(answer, to: signIn.address, schema: schema, checkpoint: checkpoint)
    }
}

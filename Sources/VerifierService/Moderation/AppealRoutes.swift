import Hummingbird
import Reputation

/// Where banned members are heard: `POST /v1/audiences/ID/appeals`, below any audience that has bans.
public struct AppealRoutes: ServiceExtension {
    let service: CommunityService

    /// Beside a service whose verifier knows bans.
    public init(service: CommunityService) { self.service = service }

    /// See ``ServiceExtension``.
    public func addRoutes(to router: Router<ServiceContext>) {
        router.post("v1/audiences/:audience/appeals") { request, context in
            guard let text = context.parameters.get("audience"), let audience = try? Digest(hex: text) else {
                throw Problem.unknownAudience
            }
            let body = try await request.bytes(upTo: Routes.answerLimit)
            return Response.json(try await service.verifier.appeal(body, audience: audience, now: service.now()).json)
        }
    }

    /// See ``ServiceExtension``.
    public func keepUp(now: Int64) async throws {}
}

extension AppealRecord {
    /// What its author is told.
    var json: JSON {
        var members: [JSON.Member] = [.init("state", .text(String(describing: state)))]
        if let answer { members.append(.init("answer", .text(answer))) }
        return .object(members)
    }
}

extension ServiceClient {
    /// Appeals against a ban: an answer to `AppealStatement.request`; returns how it stands and what was answered.
    ///
    /// - Throws: ``Failure``.
    public func appeal(
        _ answer: PresentationAnswer, text: String, to audience: Digest, schema: Schema
    ) async throws -> (state: AppealRecord.State, answer: String?) {
        let body = JSON.object([
            .init("version", .integer(Int64(1))), .init("text", .text(text)), .init("answer", answer.json(schema)),
        ])
        let bytes = try await post("/v1/audiences/\(audience.hex)/appeals", body)
        let told = try? JSON(parsing: bytes)
        let states = [AppealRecord.State.open, .granted, .refused]
        guard let told, let state = states.first(where: { String(describing: $0) == told["state"]?.text }) else {
            throw Failure.malformed("answer to the appeal")
        }
        let words = told["answer"]?.text
        guard words.map({ isProse($0, atMost: Moderation.greatestText) }) ?? true else { throw Failure.malformed("answer to the appeal") }
        return (state, words)
    }
}

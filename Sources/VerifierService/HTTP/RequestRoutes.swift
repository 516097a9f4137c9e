import HTTPTypes
import Hummingbird
import Reputation

/// What an audience does with a request that it made: looks how far it is, waits for its answer, takes it back.
extension Routes {
    func addRequestRoutes(to v1: RouterGroup<ServiceContext>) {
        let request = v1.group("audiences/:audience/requests/:nonce")
        request.get { request, context in
            let (audience, nonce) = try asked(request, context)
            return Response.json(try await state(of: nonce, audience).json)
        }
        request.delete { request, context in
            let (audience, nonce) = try asked(request, context)
            try await verifier.cancel(request: nonce, audience: audience)
            return Response(status: .noContent)
        }
        request.get("events") { request, context in try await events(request, context) }
    }

    /// Whether a signed result is wanted beside the verdict.
    func wantsResult(_ request: Request) throws -> Bool {
        switch request.uri.queryParameters["result"] {
        case nil: return false
        case "jwt":
            guard signer != nil else { throw Problem.noResults }
            return true
        default: throw Problem.badQuery
        }
    }

    /// An acceptance as the audience gets it.
    func json(_ acceptance: Verifier.Acceptance, signed: Bool) async throws -> [JSON.Member] {
        let schema = issuer.community.schema
        var members = acceptance.members(schema)
        if signed, let signer {
            members.append(.init("result", .text(try await signer.sign(result: acceptance.claims(schema: schema, now: now())))))
        }
        return members
    }

    private func asked(_ request: Request, _ context: ServiceContext) throws -> (Digest, [UInt8]) {
        let audience = try authorized(request, context)
        guard let text = context.parameters.get("nonce"), let nonce = try? Hex.decode(Array(text.utf8)) else {
            throw Problem.unknownRequest
        }
        return (audience.id, nonce)
    }

    private func state(of nonce: [UInt8], _ audience: Digest) async throws -> (json: JSON, state: RequestState) {
        let (state, expires) = try await verifier.state(ofRequest: nonce, audience: audience, now: now())
        var members: [JSON.Member] = [
            .init("state", .text(state.name)), .init("nonce", .hex(nonce)), .init("expires", .integer(expires)),
        ]
        if case .accepted(let acceptance) = state {
            members += try await json(acceptance, signed: true).filter { $0.name != Array("nonce".utf8) }
        }
        return (.object(members), state)
    }

    private func events(_ request: Request, _ context: ServiceContext) async throws -> Response {
        let (audience, nonce) = try asked(request, context)
        let seen = request.headers[Self.lastEventID]
        let first = try await state(of: nonce, audience).state
        // 204 tells a client not to come again.
        if first.isFinal, seen == first.name { return Response(status: .noContent) }
        guard let place = streams.enter(audience) else { throw Problem.tooManyStreams }
        return .events(after: seen, place: place) {
            let (json, state) = try await state(of: nonce, audience)
            return (ServerEvent(id: state.name, data: json), state.isFinal)
        }
    }

    private static let lastEventID = HTTPField.Name("Last-Event-ID")!
}

import Platform
import Reputation

/// Signs what was accepted, so that a forum can pass it on within itself and verify it anywhere by published keys.
public protocol ResultSigner: Sendable {
    /// A compact token (RFC 7515) of these claims, with `iss` and a header that says which key.
    func sign(result claims: [JSON.Member]) async throws -> String
}

extension Verifier.Acceptance {
    /// Seconds for which a signed result is good.
    static let resultLife: Int64 = 600

    /// The pseudonym of a result: at the sign-in scope where that was asked for, then of the account, then of what was asked first.
    var subject: (scope: Scope, subject: Subject)? {
        let chosen =
            nullifiers.first { $0.scope.purpose == "sign-in" } ?? nullifiers.first { $0.scope.purpose == "account" } ?? nullifiers.first
        return chosen.map { ($0.scope, Subject(audience: request.context.audience, nullifier: $0.nullifier)) }
    }

    /// What a signed result says. A result of the same acceptance has the same `jti`.
    func claims(schema: Schema, now: Int64) -> [JSON.Member] {
        let context = request.context
        var claims: [JSON.Member] = [
            .init("aud", .hex(context.audience.bytes)), .init("iat", .integer(now)), .init("exp", .integer(now + Self.resultLife)),
            .init("jti", .hex(SHA256.hash(Array("SYMBOLON-V01-result".utf8) + context.nonce))), .init("nonce", .hex(context.nonce)),
        ]
        if let (scope, subject) = subject { claims += [.init("sub", .text(subject.text)), .init("scope", .text(scope.purpose))] }
        let pseudonyms = nullifiers.map { scope, nullifier in
            JSON.object([
                .init("scope", scope.json), .init("pseudonym", .text(Subject(audience: context.audience, nullifier: nullifier).text)),
            ])
        }
        claims += [
            .init("pseudonyms", .array(pseudonyms)),
            .init("predicates", .array(request.predicates.map { .text(String(decoding: $0.text(schema), as: UTF8.self)) })),
            .init("disclosed", shown(schema)), .init("epoch", .integer(context.epoch)), .init("root", .hex(root)),
            .init("accepted_at", .integer(time)),
        ]
        if let message = context.message { claims.append(.init("message", .hex(message.bytes))) }
        return claims
    }

    /// The disclosed values by name.
    func shown(_ schema: Schema) -> JSON {
        .object(
            zip(request.disclose, disclosed).map { index, value in
                JSON.Member(schema.attribute(at: index)?.name ?? [], .integer(value))
            })
    }
}

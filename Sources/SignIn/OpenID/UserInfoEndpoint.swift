import Hummingbird
import NIOCore
import Reputation
import VerifierService

extension SignIn {
    /// `GET` and `POST /openid/userinfo`: what the ID token said of the member, for its access token (RFC 6750: in the header, or alone in
    /// a form).
    func userInfo(_ request: Request) async throws -> Response {
        let header = request.headers[.authorization]
        var text = header.flatMap { $0.prefix(7).lowercased() == "bearer " ? String($0.dropFirst(7)) : nil }
        if header == nil, request.method == .post {
            guard let form = try? Form(parsing: try await request.bytes(upTo: SignIn.formLimit)) else {
                return SignIn.refusal(.badRequest, "invalid_request")
            }
            text = form["access_token"]
        }
        guard let text else { return SignIn.refusal(.unauthorized, nil) }
        guard let token = Opaque(text), let (record, grant) = try await store.token(hash: token.hash), now() < record.expires,
            let forum = try await forum(grant.forum)
        else { return SignIn.refusal(.unauthorized, "invalid_token") }
        let proof = try Proof(document: grant.proof)
        guard try await notice(for: proof, at: forum) == nil else { return SignIn.refusal(.unauthorized, "invalid_token") }
        let claims = proof.claims(for: forum)
        return Response(
            status: .ok, headers: SignIn.tokenHeaders, body: .init(byteBuffer: ByteBuffer(bytes: JSON.object(claims).encoded())))
    }

    private static func refusal(_ status: HTTPResponse.Status, _ code: String?) -> Response {
        let scheme = "Bearer realm=\"userinfo\"" + (code.map { ", error=\"\($0)\"" } ?? "")
        return Response(status: status, headers: [.wwwAuthenticate: scheme, .cacheControl: "no-store"])
    }
}

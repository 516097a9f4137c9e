import Reputation
import VerifierService

/// The address of a sign-in page: which service it is of, and which sign-in.
public struct SignInAddress: Sendable, Equatable {
    /// Origin of the service.
    public let origin: String
    let handle: String

    /// From `ORIGIN/sign-in/HANDLE`; nil for other text, and for an origin that is neither https nor this machine's.
    public init?(_ text: String) {
        let marker = "/sign-in/"
        guard text.utf8.count <= RedirectURI.greatest, let handle = text.split(separator: "/").last.map(String.init), Opaque(handle) != nil,
            text.hasSuffix(marker + handle)
        else { return nil }
        origin = String(text.dropLast(marker.count + handle.count))
        guard SignIn.Issuer(origin) != nil else { return nil }
        self.handle = handle
    }

    var path: String { "/sign-in/\(handle)/wallet" }
}

extension ServiceClient {
    /// What a sign-in asks a wallet.
    public func offer(_ address: SignInAddress) async throws -> SignInOffer {
        let answer = try await get(address.path)
        do { return try SignInOffer(json: JSON(parsing: answer)) } catch { throw Failure.malformed("sign-in") }
    }

    /// What the service of a sign-in says of the forum, under its signature.
    ///
    /// - Parameter now: seconds since 1970.
    /// - Throws: `ClientRecord.Failure`; `Failure`.
    public func client(of offer: SignInOffer, now: Int64) async throws -> ClientRecord {
        try await offer.client(keys: get("/openid/keys"), now: now)
    }

    /// Answers a sign-in; returns the verdict with the code that its owner has to type where he began.
    ///
    /// - Parameter checkpoint: what the wallet tells of the log, ``LogMirror/told(to:)``.
    public func answer(
        _ answer: PresentationAnswer, to address: SignInAddress, schema: Schema, checkpoint: [UInt8]? = nil
    ) async throws -> JSON {
        let verdict = try await post(address.path, answer.json(schema).telling(checkpoint: checkpoint))
        guard let verdict = try? JSON(parsing: verdict), let code = verdict["code"]?.text, ShortCode(typed: code)?.text == code else {
            throw Failure.malformed("verdict")
        }
        return verdict
    }
}

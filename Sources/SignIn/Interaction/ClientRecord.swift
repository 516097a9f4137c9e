import Foundation
import JWTKit
import Reputation
import VerifierService

/// What a service says of a forum under its signature: a member is told by it who asks, and has proof of what he was told.
///
/// A JSON Web Token, ES256 by a key of `/openid/keys`, of a type of its own so that no other token of the service is taken for it. It cannot keep a
/// service from lying about a forum; it ties name, audience and addresses to each other and to the service, so that nobody on the way, and no other
/// service that passes a sign-in on, puts others in their place.
public struct ClientRecord: Sendable, Equatable {
    /// Why a record is not believed.
    public enum Failure: Error, Equatable {
        /// It is no token of this kind by a key of the service.
        case signature
        /// It is of another service or forum than the sign-in.
        case mismatch
        /// It is too old, or of the future.
        case expired

        /// Stable name, in kebab case.
        public var code: String {
            switch self {
            case .signature: "client-record-signature"
            case .mismatch: "client-record-mismatch"
            case .expired: "client-record-expired"
            }
        }
    }

    /// Origin of the service.
    public let issuer: String
    /// Client id of the forum.
    public let id: String
    /// Its name for members.
    public let name: String
    /// Its audience.
    public let audience: Digest
    /// Where members are sent back to: origins, and the schemes of apps.
    public let origins: [String]

    static let type = "symbolon-client+jwt"
    /// Largest token that is read: sixteen addresses of the longest kind fit.
    static let greatest = 65_536
    /// Seconds by which two clocks may differ.
    static let skew: Int64 = 120

    init(_ forum: Forum, issuer: String) {
        self.issuer = issuer
        id = forum.id
        name = forum.name
        audience = forum.audience
        var origins: [String] = []
        for uri in forum.redirectURIs {
            let origin = RedirectURI.origin(of: uri)
            if !origins.contains(origin) { origins.append(origin) }
        }
        self.origins = origins
    }

    /// What is signed.
    func claims(now: Int64, expires: Int64) -> Claims {
        Claims([
            .init("iss", .text(issuer)), .init("sub", .text(id)), .init("name", .text(name)), .init("audience", .hex(audience.bytes)),
            .init("origins", .array(origins.map { .text($0) })), .init("iat", .integer(now)), .init("exp", .integer(expires)),
        ])
    }

    /// Reads a record, and checks its signature and times.
    ///
    /// - Parameters:
    ///   - keys: the service's, as `/openid/keys` has them.
    ///   - now: seconds since 1970.
    package init(_ token: String, keys: [UInt8], now: Int64) async throws(Failure) {
        guard token.utf8.count <= Self.greatest, let head = token.split(separator: ".", maxSplits: 1).first,
            let bytes = try? Base64.url.decode(Array(head.utf8)), let header = try? JSON(parsing: bytes),
            header["typ"]?.text == Self.type, header["alg"]?.text == Forum.Algorithm.es256.rawValue
        else { throw .signature }
        let collection = JWTKeyCollection()
        let claims: JSON
        do {
            try await collection.add(jwksJSON: String(decoding: keys, as: UTF8.self))
            claims = try await collection.verify(token, as: Claims.self).json
        } catch { throw .signature }
        guard let issuer = claims["iss"]?.text, let id = claims["sub"]?.text, Forum.isID(id), let name = claims["name"]?.text, isLine(name),
            let audience = claims["audience"]?.text.flatMap({ try? Digest(hex: $0) }), case .array(let origins)? = claims["origins"],
            (1...Forum.greatestAddresses).contains(origins.count), case .integer(let made)? = claims["iat"],
            case .integer(let end)? = claims["exp"]
        else { throw .mismatch }
        self.origins = origins.compactMap(\.text).filter { isLine($0) }
        guard self.origins.count == origins.count else { throw .mismatch }
        guard made <= now + Self.skew, now < end else { throw .expired }
        (self.issuer, self.id, self.name, self.audience) = (issuer, id, name, audience)
    }
}

extension SignInOffer {
    /// Checks the record that came with an offer: it is signed, and says the same as the offer.
    ///
    /// - Parameters:
    ///   - keys: of the service that was asked, as `/openid/keys` has them.
    ///   - now: seconds since 1970.
    package func client(keys: [UInt8], now: Int64) async throws(ClientRecord.Failure) -> ClientRecord {
        let client = try await ClientRecord(record, keys: keys, now: now)
        guard client.issuer == issuer, client.name == forum, client.audience == audience else { throw .mismatch }
        return client
    }
}

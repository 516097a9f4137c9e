import AsyncHTTPClient
import Foundation
import NIOCore

/// A POST to an address that somebody registered here.
package enum OutboundCall {
    /// Why there is no answer.
    package enum Failure: Error {
        /// The host is at no address that may be called.
        case address
        /// It cannot be reached, or does not answer in time.
        case unreachable
    }

    /// Sends a body and returns the status of the answer. The address that was judged is the one that is dialled, and no redirect is followed:
    /// either would let the one who is called choose whom this service calls.
    ///
    /// - Parameter mayBePrivate: whether an address will do that the internet does not reach.
    package static func post(
        _ body: [UInt8], to url: String, headers: [(name: String, value: String)], mayBePrivate: Bool
    ) async throws(Failure) -> Int {
        guard let host = URL(string: url)?.host(percentEncoded: false), !host.isEmpty else { throw .address }
        let place: String?
        do { place = try await PublicAddress.of(host: host, mayBePrivate: mayBePrivate) } catch { throw .unreachable }
        guard let place else { throw .address }
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5)))
        configuration.dnsOverride = [host: place]
        let http = HTTPClient(configuration: configuration)
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        for header in headers { request.headers.add(name: header.name, value: header.value) }
        request.body = .bytes(ByteBuffer(bytes: body))
        let status = try? await http.execute(request, timeout: .seconds(10)).status.code
        try? await http.shutdown()
        guard let status else { throw .unreachable }
        return Int(status)
    }
}

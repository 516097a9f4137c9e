import Hummingbird
import NIOCore

/// What is known of a request beside its bytes.
public struct ServiceContext: RequestContext, RemoteAddressRequestContext {
    /// What the framework keeps.
    public var coreContext: CoreRequestContextStorage
    /// Who is at the other end of the connection: a client, or a proxy; nil when the system does not say.
    public let remoteAddress: SocketAddress?

    /// Of a request on a connection.
    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress
    }
}

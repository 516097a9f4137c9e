import NIOCore
import NIOPosix

/// Addresses of this machine.
public enum LocalPort {
    /// Whether a server could listen there now.
    public static func isFree(host: String, port: Int) -> Bool {
        let channel = try? ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1).bind(host: host, port: port).wait()
        guard let channel else { return false }
        try? channel.close().wait()
        return true
    }
}

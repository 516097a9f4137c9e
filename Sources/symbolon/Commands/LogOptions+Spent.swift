import Foundation
import Reputation
import VerifierService

extension LogOptions {
    /// The file that holds the newest set of spent nullifiers that was fetched of an epoch; signed, so it is read as if it came from afar.
    private func spentFile(_ epoch: UInt32, of community: Community) -> String { "\(directory(of: community).path)-spent-\(epoch)" }

    /// The set of an epoch as it was last kept; fetched when there is none, or none that is not older than a time (seconds since 1970).
    func spent(in epoch: UInt32, of community: Community, notBefore: Int64?, from client: ServiceClient) async throws -> SpentSet {
        if let bytes = try? DurableFile.read(spentFile(epoch, of: community), atMost: SpentSet.greatestLength),
            let set = try? SpentSet(signed: bytes, community: community, epoch: epoch), set.time >= notBefore ?? 0
        {
            return set
        }
        return try await keepSpent(in: epoch, of: community, from: client)
    }

    /// Fetches the set of an epoch and keeps it.
    @discardableResult func keepSpent(in epoch: UInt32, of community: Community, from client: ServiceClient) async throws -> SpentSet {
        let (set, bytes) = try await client.spent(in: epoch, of: community)
        let path = spentFile(epoch, of: community)
        try LogOptions.makeFolder(of: path)
        do { try DurableFile.write(bytes, to: path) } catch { throw CommandFailure("cannot write \(path)") }
        return set
    }
}

import Foundation
import Reputation
import VerifierService

// What is published beside the log and kept with its copy, so that no fetch shows when a wallet needs it. All of it is signed: it is read as if it
// came from afar.

extension LogOptions {
    private func file(_ name: String, of community: Community) -> String { "\(directory(of: community).path)-\(name)" }

    private func keep(_ bytes: [UInt8], as name: String, of community: Community) throws {
        let path = file(name, of: community)
        try LogOptions.makeFolder(of: path)
        do { try DurableFile.write(bytes, to: path) } catch { throw CommandFailure("cannot write \(path)") }
    }

    // MARK: The histogram

    /// Brings the copy of a community's log up to date, and the histogram with it.
    func update(
        _ copy: inout WalletLog, of community: Community, for wallet: Wallet?, from client: ServiceClient
    ) async throws -> Checkpoint {
        // Before the tree: whoever is counted stands in it then. Without one a wallet warns and refuses, as if nothing were known of the others.
        let histogram = try? await client.histogram()
        let checkpoint = try await copy.update(from: client.log, for: wallet)
        if let histogram, (try? Histogram(signed: histogram, community: community, epoch: checkpoint.batch.epoch)) != nil {
            try keep(histogram, as: "histogram", of: community)
        }
        return checkpoint
    }

    /// How many members stand in which class of an epoch, as it was last kept; nil when nothing is known of it.
    func histogram(in epoch: UInt32, of community: Community) -> Histogram? {
        guard let bytes = try? DurableFile.read(file("histogram", of: community), atMost: Histogram.greatestLength) else { return nil }
        return try? Histogram(signed: bytes, community: community, epoch: epoch)
    }

    // MARK: Spent tickets

    /// The set of spent nullifiers of an epoch as it was last kept; fetched when there is none, or none that is not older than a time (seconds since
    /// 1970).
    func spent(in epoch: UInt32, of community: Community, notBefore: Int64?, from client: ServiceClient) async throws -> SpentSet {
        if let bytes = try? DurableFile.read(file("spent-\(epoch)", of: community), atMost: SpentSet.greatestLength),
            let set = try? SpentSet(signed: bytes, community: community, epoch: epoch), set.time >= notBefore ?? 0
        {
            return set
        }
        return try await keepSpent(in: epoch, of: community, from: client)
    }

    /// Fetches the set of an epoch and keeps it.
    @discardableResult func keepSpent(in epoch: UInt32, of community: Community, from client: ServiceClient) async throws -> SpentSet {
        let (set, bytes) = try await client.spent(in: epoch, of: community)
        try keep(bytes, as: "spent-\(epoch)", of: community)
        return set
    }
}

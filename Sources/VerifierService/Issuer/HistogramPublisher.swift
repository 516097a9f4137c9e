import Platform
import Reputation

/// Publishes how many members stand in which coarse class: counted from the published log alone, so that anyone can count again.
public actor HistogramPublisher {
    /// Below so many a community wants its members to be warned, unless said otherwise.
    public static let minimum: UInt32 = 20

    private let issuer: Issuer
    private let store: any Store
    private let key: Ed25519SigningKey
    private let minimum: UInt32
    private var size = 0
    private var epoch: UInt32 = 0
    // Of the current epoch's leaves: the values of those that came by first issuance; nil where nobody knows them.
    private var leaves: [[UInt8]: [Int64]?] = [:]
    private var document: (size: Int, bytes: [UInt8])?

    private static let pageSize = 1000

    /// - Parameters:
    ///   - key: the log's key.
    ///   - minimum: below so many members are warned.
    public init(issuer: Issuer, store: any Store, key: Ed25519SigningKey, minimum: UInt32 = minimum) {
        self.issuer = issuer
        self.store = store
        self.key = key
        self.minimum = minimum
    }

    /// The signed histogram of the newest published state.
    public func current() async throws -> [UInt8] {
        let published = await issuer.state.log.size
        if let document, document.size >= published { return document.bytes }
        // Page by page from where the last count ended; another call may count on in between, so the place is asked again each time.
        while size < published {
            let start = size
            let page = try await store.logEntries(
                community: issuer.community.id.bytes, from: start, limit: min(Self.pageSize, published - start))
            guard !page.isEmpty else { throw StoreError.conflict }
            guard start == size else { continue }
            for entry in page { count(try LogEntry(encoded: entry)) }
            size += page.count
        }
        let counted = Histogram(
            community: issuer.community, epoch: epoch, logSize: Int64(size), minimum: minimum, values: leaves.values.compactMap { $0 },
            unknown: leaves.values.count { $0 == nil })
        let bytes = counted.signed(by: key)
        document = (size, bytes)
        return bytes
    }

    private func count(_ entry: LogEntry) {
        switch entry {
        case .openEpoch(let opened):
            epoch = opened.epoch
            leaves = [:]
        case .issued(let issued): leaves[issued.leaf] = .some(issued.values)
        case .renewed(let renewed): leaves[renewed.derivation.leaf] = .some(nil)
        case .removed(let removed): leaves[removed.leaf] = nil
        // Its member is counted already, by the leaf that he had before.
        case .toppedUp: break
        case .batch, .rules, .closeEpoch, .feedback: break
        }
    }
}

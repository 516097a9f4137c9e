import Foundation
import GRDB

extension SQLiteStore {
    /// See ``Store``.
    public func spends(scopePrefix: [UInt8], after: Spend?, limit: Int) async throws(StoreError) -> [Spend] {
        // The primary key's order; what begins with the prefix is one run of it, up to the next byte string that does not.
        var end = scopePrefix
        while let last = end.popLast() {
            if last < .max {
                end.append(last + 1)
                break
            }
        }
        let behind = end
        let (scope, nullifier) = (after?.scope ?? scopePrefix, after?.nullifier ?? [])
        return try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT scope, nullifier FROM nullifier
                    WHERE (scope, nullifier) > (?, ?) AND scope < ? ORDER BY scope, nullifier LIMIT ?
                    """,
                arguments: [Data(scope), Data(nullifier), Data(behind), limit]
            ).map { Spend(scope: $0.bytes(0), nullifier: $0.bytes(1)) }
        }
    }
}

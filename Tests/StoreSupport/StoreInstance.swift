import Foundation
import VerifierService

/// The databases that every test of a store is run with; a further one is a further case here.
package enum StoreInstance: CaseIterable, Sendable, CustomStringConvertible {
    case sqlite
    case postgres

    package var description: String {
        switch self {
        case .sqlite: "SQLite"
        case .postgres: "PostgreSQL"
        }
    }

    /// Runs a body with a fresh, empty store.
    package func withStore(_ body: (SQLStore) async throws -> Void) async throws {
        try await withAddress { address in
            let store = try Self.open(address)
            try await body(store)
            try store.close()
        }
    }

    /// Runs a body with where a fresh, empty store can be opened, as often as one likes.
    package func withAddress(_ body: (String) async throws -> Void) async throws {
        switch self {
        case .sqlite:
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("symbolon-store-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try await body(folder.path + "/store.sqlite")
        case .postgres: try await body(try PostgresServer.shared.get().makeAddress())
        }
    }

    /// Opens a store at a path or an address.
    package static func open(_ address: String) throws -> SQLStore {
        address.hasPrefix("postgresql:") ? try SQLStore(postgres: PostgresAddress(address)) : try SQLStore(sqlite: address)
    }
}

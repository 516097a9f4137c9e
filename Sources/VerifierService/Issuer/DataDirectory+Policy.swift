import Foundation
import Platform
import Reputation

extension DataDirectory {
    private func policyPath(_ name: String) -> String { path + "/audiences/\(name).policy.json" }

    /// What an audience may ask; nil when nothing was set for it.
    ///
    /// - Throws: ``Failure/file(_:)`` for a file that cannot be read; `JSONError` and `RequestError` for one that is not a policy.
    public func policy(of audience: Audience, community: Community) throws -> Policy? {
        let path = policyPath(audience.name)
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let data = FileManager.default.contents(atPath: path) else { throw Failure.file(path) }
        let policy = try Policy(json: JSON(parsing: [UInt8](data)), schema: community.schema)
        guard policy.audience == audience.id, policy.community == community.id else { throw Failure.file(path) }
        return policy
    }

    /// Sets what an audience may ask; a running service takes it over within a second.
    public func setPolicy(_ policy: Policy, of audience: Audience, community: Community) throws {
        do { try DurableFile.write(policy.json(community.schema).encoded(), to: policyPath(audience.name)) } catch {
            throw Failure.file(policyPath(audience.name))
        }
    }
}

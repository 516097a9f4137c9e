import Curves
import Membership
import Proofs
import Reputation

/// Times of building and changing a tree, and of deriving the tables.
enum TreeMeasurement {
    /// Builds the shallowest tree that holds so many leaves and one more, then appends, replaces and removes single leaves.
    static func figures(leaves: Int, repetitions: Int) throws -> [(String, Figure)] {
        guard let depth = try (1...TreeShape.greatestDepth).first(where: { try TreeShape(depth: $0).capacity >= leaves + repetitions })
        else { throw CommandFailure("no tree holds \(leaves) leaves") }
        let points = distinctPoints(leaves + 2 * repetitions)
        Presentation.prepare()
        var tree = CurveTree(shape: try TreeShape(depth: depth))
        let building = try Timing.median(1) { _ in try tree.append(Array(points[..<leaves])) }
        let appending = try Timing.median(repetitions) { round in try tree.append([points[leaves + round]]) }
        let places = (0..<repetitions).map { _ in Int.random(in: 0..<leaves) }
        let replacing = try Timing.median(repetitions) { round in
            try tree.replace(at: places[round], with: points[leaves + repetitions + round])
        }
        return [
            ("leaves", .whole(leaves)), ("depth", .whole(depth)), ("repetitions", .whole(repetitions)), ("threads", .whole(2)),
            ("build_cpu_ms", .time(building.cpu)), ("build_wall_ms", .time(building.wall)), ("append_cpu_ms", .time(appending.cpu)),
            ("append_wall_ms", .time(appending.wall)), ("replace_cpu_ms", .time(replacing.cpu)), ("replace_wall_ms", .time(replacing.wall)),
            ("peak_rss_bytes", .whole(Timing.peakResidentBytes)),
        ]
    }

    /// The tables of this process, which must not have been derived before.
    static func startFigures() -> [(String, Figure)] {
        let time = Timing.median(1) { _ in Presentation.prepare() }
        return [
            ("threads", .whole(2)), ("start_cpu_ms", .time(time.cpu)), ("start_wall_ms", .time(time.wall)),
            ("peak_rss_bytes", .whole(Timing.peakResidentBytes)),
        ]
    }

    /// Different points, as good as leaves for measuring.
    static func distinctPoints(_ count: Int) -> [Affine<Secp256k1>] {
        var point = Secp256k1.base.multiplied(by: .random())
        var points: [Point<Secp256k1>] = []
        points.reserveCapacity(count)
        for _ in 0..<count {
            points.append(point)
            point += Secp256k1.basePoint
        }
        return Point.normalize(points).compactMap { $0 }
    }
}

import Reputation
import TestSupport
import Testing

struct LogTileTests {
    private func text(_ tile: LogTile) -> String { String(decoding: tile.path, as: UTF8.self) }

    @Test func names() throws {
        // The example of c2sp.org/tlog-tiles.
        #expect(text(try LogTile(.hashes(level: 0), index: 1_234_067)) == "tile/0/x001/x234/067")
        #expect(text(try LogTile(.entries, index: 0, width: 12)) == "tile/entries/000.p/12")
        #expect(text(try LogTile(.hashes(level: 7), index: 1000, width: 255)) == "tile/7/x001/000.p/255")
        for (content, index, width) in [(LogTile.Content.entries, 999, 256), (.hashes(level: 3), 123_456_789, 1), (.entries, 1 << 53, 256)]
        {
            let tile = try LogTile(content, index: index, width: width)
            #expect(try LogTile(path: tile.path) == tile)
        }
        #expect(throws: FormatError.notCanonical) { try LogTile(.hashes(level: 8), index: 0) }
        #expect(throws: FormatError.notCanonical) { try LogTile(.entries, index: -1) }
        #expect(throws: FormatError.notCanonical) { try LogTile(.entries, index: 0, width: 0) }
        #expect(throws: FormatError.notCanonical) { try LogTile(.entries, index: 0, width: 257) }
    }

    @Test(arguments: [
        "", "tile", "tile/0", "tile/0/", "tile/0/00", "tile/0/0000", "tile/0/x000/000", "tile/00/000", "tile/8/000", "tile/64/000",
        "tile/entries/000.p/", "tile/entries/000.p/0", "tile/entries/000.p/00", "tile/entries/000.p/256", "tile/entries/000.p/01",
        "tile/entries/000.p", "tile/entries/x001", "tile/entries/001/x002", "tile/entries/001/002", "tile/entries/000/",
        "/tile/entries/000",
        "tile/entries/x999/x999/x999/x999/x999/999", "tile/entries/x001/x000/x000/x000/x000/x000/000", "tile/data/000", "checkpoint",
        "tile/entries/000.p/1/000", "tile/entries/0a0", "TILE/0/000",
    ])
    func otherNames(_ name: String) { #expect(throws: FormatError.self) { try LogTile(path: Array(name.utf8)) } }

    /// The example of c2sp.org/tlog-tiles: a tree of 70,000 entries.
    @Test func tilesOfASize() throws {
        let tiles = LogTile.hashes(size: 70_000).map(text)
        #expect(tiles.count == 273 + 1 + 1 + 1 + 1)
        #expect(tiles.filter { $0.hasPrefix("tile/0/") && !$0.contains(".p/") }.count == 273)
        #expect(Array(tiles.suffix(4)) == ["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"])
        #expect(LogTile.hashes(size: 256).map(text) == ["tile/0/000", "tile/1/000.p/1"])
        #expect(LogTile.entries(size: 70_000).count == 274)
        #expect(LogTile.all(size: 0).isEmpty)
        // What a day adds costs what the day brought.
        #expect(LogTile.all(size: 70_010, from: 70_000).map(text) == ["tile/entries/273.p/122", "tile/0/273.p/122"])
        #expect(LogTile.all(size: 70_000, from: 70_000).isEmpty)
    }

    /// Every hash of every tile is that of its subtree, by the definition.
    @Test func hashes() throws {
        var tree = MerkleTree()
        let entries = (0..<600).map { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        for entry in entries { tree.append(entry) }
        var first = MerkleTree()
        for entry in entries.prefix(256) { first.append(entry) }
        #expect(tree.hashes(of: try LogTile(.hashes(level: 1), index: 0, width: 1)) == first.root.bytes)
        #expect(
            tree.hashes(of: try LogTile(.hashes(level: 0), index: 2, width: 88))
                == entries[512...].flatMap { MerkleTree.leafHash($0).bytes })
        for tile in LogTile.hashes(size: 600) { #expect(tree.hashes(of: tile)?.count == 32 * tile.width) }
        for (level, index, width) in [(0, 2, 89), (0, 3, 1), (1, 0, 3), (1, 1, 1), (2, 0, 1), (7, 0, 1), (0, 1 << 50, 1)] {
            #expect(tree.hashes(of: try LogTile(.hashes(level: level), index: index, width: width)) == nil)
        }
        #expect(tree.hashes(of: try LogTile(.entries, index: 0, width: 1)) == nil)
    }

    @Test func bundles() throws {
        let entries: [[UInt8]] = [[], [7], [UInt8](repeating: 3, count: 258)]
        let bundle = EntryBundle.encode(entries)
        #expect(Array(bundle.prefix(7)) == [0, 0, 0, 1, 7, 1, 2])
        #expect(try EntryBundle.decode(bundle, count: 3) == entries)
        for count in [0, 2, 4] { #expect(throws: FormatError.length) { try EntryBundle.decode(bundle, count: count) } }
        #expect(throws: FormatError.length) { try EntryBundle.decode(Array(bundle.dropLast()), count: 3) }
        #expect(throws: FormatError.length) { try EntryBundle.decode(bundle + [0], count: 3) }
    }
}

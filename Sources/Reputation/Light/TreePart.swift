/// A static file of the curve tree of one batch: the children of one node (``NodeChildren``). The size of the log is part of its name, so
/// what stands under a name never changes.
public struct TreePart: Hashable, Sendable {
    /// Entries of the log up to and with the batch.
    public let size: Int
    /// Level of the node, 1 to 4; the children of level 1 are leaves.
    public let level: Int
    /// Place of the node among those of its level.
    public let index: Int

    /// The first parts of all names.
    public static let folder = "tree"
    static let greatestLevel = 4

    /// Throws `.notCanonical` outside of the ranges.
    public init(size: Int, level: Int, index: Int) throws(FormatError) {
        guard size > 0, (1...TreePart.greatestLevel).contains(level), index >= 0, Int64(index) <= LogTile.greatestIndex else {
            throw .notCanonical
        }
        self.init(checked: size, level: level, index: index)
    }

    init(checked size: Int, level: Int, index: Int) {
        self.size = size
        self.level = level
        self.index = index
    }

    /// Its name behind the log's prefix, such as `tree/1924/1/016`.
    public var path: [UInt8] {
        Array(TreePart.folder.utf8) + [UInt8(ascii: "/")] + decimal(Int64(size)) + [UInt8(ascii: "/")] + decimal(Int64(level))
            + groupedDecimal(index)
    }

    /// Reads a name; throws `.notCanonical` for any that is not written so.
    public init(path: [UInt8]) throws(FormatError) {
        guard path.count <= 128 else { throw .length }
        let parts = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { Array($0) }
        guard parts.count >= 4, parts[0] == Array(TreePart.folder.utf8), let size = decimalSize(parts[1]),
            let level = decimalSize(parts[2]), let index = groupedIndex(parts[3...])
        else { throw .notCanonical }
        try self.init(size: size, level: level, index: index)
        if self.path != path { throw .notCanonical }
    }
}

extension Wallet {
    /// Draws the buckets of a light copy's tree that are fetched for this wallet, where the tree is so large that not all are, and only once in
    /// an epoch. Returns whether there are any: none as long as the wallet holds no credential of the epoch, or one that may still wait for its batch.
    ///
    /// Where an own leaf can stand follows from what is signed alone: from the copy itself, from the leaf's entry in the log, or from the times of the receipt and the numbers of leaves that
    /// the copy saw before and after. Nothing that a server says besides decides which buckets are fetched: a list of who stands where, which
    /// nobody signs, could be made so that what is fetched gives the leaf away.
    @discardableResult
    public func draw(for copy: inout LightCopy) -> Bool {
        guard copy.wantsDraw, let batch = copy.known?.checkpoint.batch else { return false }
        let own = credentials.filter { $0.community == copy.community && $0.epoch == batch.epoch }
        guard let first = own.first else { return false }
        var places: [Range<Int>] = []
        for credential in own {
            if let index = copy.place(of: credential.leaf) ?? credential.index.flatMap({ Int(exactly: $0) }) {
                places.append(index..<(index + 1))
            } else if let receipt = credential.receipt {
                guard receipt.promisedBy <= batch.time else { return false }
                places.append(copy.window(issued: receipt.time, promisedBy: receipt.promisedBy))
            } else {
                places.append(copy.window(issued: 0, promisedBy: Int64.max))
            }
        }
        let community = copy.community.id
        copy.draw(own: places) { seed.rank(ofBucket: $0, epoch: batch.epoch, community: community, identity: first.identity) }
        return true
    }
}

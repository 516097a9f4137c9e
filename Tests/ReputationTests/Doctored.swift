import Reputation

extension DerivationMessage {
    /// The same with some parts exchanged.
    func with(
        root: [UInt8]? = nil, base: [UInt8]? = nil, shift: [UInt8]? = nil, disclosed: [AttributeChange]? = nil,
        presentation: [UInt8]? = nil
    ) -> DerivationMessage {
        DerivationMessage(
            root: root ?? self.root, base: base ?? self.base, shift: shift ?? self.shift, disclosed: disclosed ?? self.disclosed,
            presentation: presentation ?? self.presentation)
    }
}

extension LeafDerivation {
    /// The same with some parts exchanged.
    func with(
        disclosed: [AttributeChange]? = nil, deltas: [AttributeChange]? = nil, shift: [UInt8]? = nil, presentation: [UInt8]? = nil,
        leaf: [UInt8]? = nil
    ) -> LeafDerivation {
        LeafDerivation(
            disclosed: disclosed ?? self.disclosed, deltas: deltas ?? self.deltas, shift: shift ?? self.shift,
            presentation: presentation ?? self.presentation, leaf: leaf ?? self.leaf)
    }
}

import Curves
import Membership
import Proofs

/// A leaf made of another that nobody but its holder knows, with all that its audit needs.
public struct LeafDerivation: Equatable, Sendable {
    /// Values disclosed because there is no room for all that is added, rising by attribute.
    public let disclosed: [AttributeChange]
    /// What is added, zeros left out, rising by attribute.
    public let deltas: [AttributeChange]
    /// k, added to the blinding of the presentation's credential: a scalar, 32 bytes.
    public let shift: [UInt8]
    /// The presentation, nullifiers first.
    public let presentation: [UInt8]
    /// The leaf, 33 bytes.
    public let leaf: [UInt8]

    /// From its parts.
    public init(disclosed: [AttributeChange], deltas: [AttributeChange], shift: [UInt8], presentation: [UInt8], leaf: [UInt8]) {
        self.disclosed = disclosed
        self.deltas = deltas
        self.shift = shift
        self.presentation = presentation
        self.leaf = leaf
    }

    /// The first nullifier, 33 bytes: that of the scope which is spent.
    public var nullifier: [UInt8] { Array(presentation.prefix(33)) }

    var encoded: [UInt8] {
        AttributeChange.encoded(disclosed) + AttributeChange.encoded(deltas) + shift + lengthPrefixed(presentation) + leaf
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        let (disclosed, deltas) = (try reader.attributeChanges(), try reader.attributeChanges())
        let shift = try reader.bytes(32)
        guard (try? Fn(encoded: shift[...])) != nil else { throw .notCanonical }
        let presentation = try reader.string(atMost: PresentationAnswer.greatestPresentation)
        guard presentation.count >= 33 else { throw .length }
        self.init(disclosed: disclosed, deltas: deltas, shift: shift, presentation: presentation, leaf: try reader.point())
    }

    /// Whether a base is the presentation's credential C' with k added to its blinding.
    static func isBase(_ base: [UInt8], of credential: Affine<Secp256k1>, shift: Fn) -> Bool {
        (Secp256k1.bases.blinding.multiplied(by: shift) + credential).affine?.encoded == base
    }
}

/// What a member sends to have such a leaf made. Computed from the log and his wallet alone; sent again unchanged until the answer is there.
public struct DerivationMessage: Equatable, Sendable {
    /// Root that it is proved against, 33 bytes.
    public let root: [UInt8]
    /// The new leaf before anything is added to it, 33 bytes.
    public let base: [UInt8]
    /// What leads from the presentation's credential to `base`: a scalar, 32 bytes.
    public let shift: [UInt8]
    /// Values disclosed because there is no room for all that is added, rising by attribute.
    public let disclosed: [AttributeChange]
    /// The proof.
    public let presentation: [UInt8]

    /// From its parts.
    public init(root: [UInt8], base: [UInt8], shift: [UInt8], disclosed: [AttributeChange], presentation: [UInt8]) {
        self.root = root
        self.base = base
        self.shift = shift
        self.disclosed = disclosed
        self.presentation = presentation
    }

    /// Members `root`, `base`, `shift`, `disclosed` (`[[attribute,value]]`) and `presentation` of an object.
    init(_ object: inout JSONObject) throws(JSONError) {
        root = try object.hex("root", 33)
        base = try object.hex("base", 33)
        shift = try object.hex("shift", 32)
        disclosed = try object.attributeChanges("disclosed")
        presentation = try object.base64URL("presentation", atMost: PresentationAnswer.greatestPresentation)
    }

    var members: [JSON.Member] {
        [
            .init("root", .hex(root)), .init("base", .hex(base)), .init("shift", .hex(shift)),
            .init("disclosed", AttributeChange.json(disclosed)), .init("presentation", .base64URL(presentation)),
        ]
    }

    /// The first nullifier, 33 bytes; empty when the presentation is shorter.
    public var nullifier: [UInt8] { presentation.count >= 33 ? Array(presentation.prefix(33)) : [] }

    /// Why a message is not one of this addition and tree.
    enum Failure: Error {
        case root, encoding, leaf
    }

    /// All checks but the proof. `tree`: the batch with whose root it has to be proved. `request`: what the presentation answers.
    func check(
        _ addition: LeafAddition, schema: Schema, tree: BatchEntry, request: Request
    ) throws(Failure) -> CheckedDerivation {
        guard root == tree.root, let known = try? TreeRoot(encoded: root[...], depth: Int(tree.depth)) else { throw .root }
        guard let point = try? Affine<Secp256k1>(encoded: base[...]), let shift = try? Fn(encoded: self.shift[...]) else { throw .encoding }
        guard let leaf = addition.leaf(base: point, schema: schema) else { throw .leaf }
        return CheckedDerivation(
            claim: Presentation.Claim(presentation: presentation, request: request, depth: Int(tree.depth), root: known),
            derivation: LeafDerivation(
                disclosed: disclosed, deltas: addition.deltas, shift: self.shift, presentation: presentation, leaf: leaf.encoded),
            base: base, shift: shift)
    }
}

/// A derivation of which everything is checked but its proof.
public struct CheckedDerivation: Sendable {
    /// What is left to verify.
    public let claim: Presentation.Claim
    /// The new leaf and how it comes from the old one, once that is verified.
    public let derivation: LeafDerivation
    let base: [UInt8]
    let shift: Fn

    /// Whether the verified presentation's credential leads to the leaf. To be asked before anything is recorded.
    public func leads(from verified: Presentation.Verified) -> Bool {
        LeafDerivation.isBase(base, of: verified.credential, shift: shift)
    }
}

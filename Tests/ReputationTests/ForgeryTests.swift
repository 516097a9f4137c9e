import Curves
import Membership
import Reputation
import Testing

/// Dishonest provers against whole presentations: docs/protocol/forgeries.py, 2 and 3.
struct ForgeryTests {
    let secret = Fn.random(), value = Fn(7), blinding = Fn.random()
    let request = Request(attributes: 2, context: [UInt8](repeating: 0, count: 32), scopes: [[1, 2, 3]], disclosed: [], predicates: [])
    let path: MembershipPath
    let root: TreeRoot

    init() throws {
        let credential = try #require(Self.commit(secret, value, blinding).affine)
        let other = try #require(Self.commit(.random(), Fn(1), .random()).affine)
        var tree = CurveTree(shape: try TreeShape(depth: 1))
        try tree.append([credential, other])
        path = try tree.path(at: 0)
        root = tree.root
    }

    static func commit(_ s: Fn, _ a: Fn, _ r: Fn) -> Point<Secp256k1> {
        AttributeBases.secret.multiplied(by: s) + Point(AttributeBases.base(1)).multiplied(by: a)
            + Secp256k1.bases.blinding.multiplied(by: r)
    }

    private func code(_ presentation: [UInt8], _ request: Request) -> String? {
        do throws(PresentationError) {
            _ = try Presentation.verify(presentation, request, depth: 1, root: root)
            return nil
        } catch {
            return error.code
        }
    }

    /// The child -(C + Delta) - Delta has the slot of C and passes the membership proof, and with -s would be a second nullifier of the same
    /// member. It opens to (-s, -a, -r) but for -2 Delta: the relation refuses it.
    @Test func negatedLeafIsNoSecondMember() throws {
        let honest = try Presentation.prove(request, attributes: [secret, value], blinding: blinding, path: path).bytes
        #expect(code(honest, request) == nil)
        let mirrored = try #require(((Point(path.leaf) + leafShift).negated - leafShift).affine)
        let forgedPath = MembershipPath(
            shape: path.shape, stepsQ: [PathStep(child: mirrored, slots: path.stepsQ[0].slots)], stepsP: [], root: root)
        let attributes = [secret.negated, value.negated]
        #expect(throws: PresentationError.self) {
            try Presentation.prove(request, attributes: attributes, blinding: blinding.negated, path: forgedPath)
        }
        let forged = try Presentation.prove(
            request, attributes: attributes, blinding: blinding.negated, path: forgedPath, dishonestly: true
        ).bytes
        #expect(forged[..<33] != honest[..<33])
        #expect(code(forged, request) == "relation-proof")
    }

    /// Another secret under the same leaf would be another nullifier.
    @Test func otherSecretIsRefused() throws {
        let forged = try Presentation.prove(
            request, attributes: [.random(), value], blinding: blinding, path: path, dishonestly: true
        ).bytes
        #expect(code(forged, request) == "relation-proof")
    }

    /// Without attributes the nullifier would hang on the blinding.
    @Test func requestWithoutAttributesIsRefused() throws {
        let empty = Request(attributes: 0, context: [UInt8](repeating: 0, count: 32), scopes: [[1]], disclosed: [], predicates: [])
        #expect(throws: RequestError.self) { try empty.check() }
        #expect(code([UInt8](repeating: 2, count: 100), empty) != nil)
        #expect(throws: PresentationError.self) { try Presentation.prove(empty, attributes: [], blinding: blinding, path: path) }
    }
}

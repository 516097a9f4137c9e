import Curves

/// A statement of the kind "I know scalars of which these elements are linear combinations" (draft-irtf-cfrg-sigma-protocols).
///
/// Elements and equations are numbered as they are added; element 0 is the base point of the group. Each equation says
///
///     sum of coefficient * element  =  sum of coefficient * scalar * element
///              (image side)                     (term side)
///
/// where coefficients and elements are public and scalars are the secret witness. Every group element on which the statement depends is an
/// element of its own: a sum of two that is passed off as one leaves both open to exchange.
public struct LinearRelation<G: Group>: Sendable {
    /// A public multiple of an element.
    public typealias ImageTerm = (element: Int, coefficient: G.Scalar)
    /// A public multiple of an element times a secret scalar.
    public typealias Term = (scalar: Int, element: Int, coefficient: G.Scalar)

    /// One equation: the sum of the image terms is the sum of the terms.
    public struct Equation: Sendable {
        /// Public side.
        public let image: [ImageTerm]
        /// Secret side.
        public let terms: [Term]
    }

    /// The elements; the first is the group's base point, whether or not an equation uses it.
    public private(set) var elements: [G.Element] = [G.base]
    /// The equations.
    public private(set) var equations: [Equation] = []
    /// Scalars in a witness: one more than the largest index in a term.
    public private(set) var scalarCount = 0

    /// No equations yet.
    public init() {}

    /// Adds an element; the result is its number.
    public mutating func add(_ element: G.Element) -> Int {
        elements.append(element)
        return elements.count - 1
    }

    /// Adds an equation between multiples of elements already added and scalars, which are numbered from 0 as the witness lists them.
    ///
    /// Whether the whole makes sense is decided when a proof is made or verified: `validate`.
    public mutating func require(image: [ImageTerm], equals terms: [Term]) {
        equations.append(Equation(image: image, terms: terms))
        for term in terms where term.scalar >= scalarCount && term.scalar < .max { scalarCount = term.scalar + 1 }
    }

    /// Bytes of a batchable proof: an element for each equation, a scalar for each scalar.
    public var batchableLength: Int { G.elementLength * equations.count + G.scalarLength * scalarCount }

    /// Bytes of a compact proof: the challenge and a scalar for each scalar.
    public var compactLength: Int { G.scalarLength * (scalarCount + 1) }

    /// The statement in bytes, as it enters the challenge: for each equation its image terms and terms after their counts (counts and indices
    /// as four bytes little-endian, coefficients as scalars), then the elements but for the first. Throws `.identity`.
    public func serialized() throws(ProofError) -> [UInt8] {
        var out = littleEndian4(equations.count)
        for equation in equations {
            out += littleEndian4(equation.image.count)
            for term in equation.image { out += littleEndian4(term.element) + term.coefficient.encoded }
            out += littleEndian4(equation.terms.count)
            for term in equation.terms { out += littleEndian4(term.scalar) + littleEndian4(term.element) + term.coefficient.encoded }
        }
        return out + (try Self.encoded([G.Element](elements.dropFirst())))
    }

    /// The challenge: uniform, by the sponge of the tag, from the statement and the prover's commitments.
    static func challenge(tag: [UInt8], statement: [UInt8], commitments: [UInt8]) -> G.Scalar {
        var sponge = Sponge(tag: tag)
        sponge.absorb(statement)
        sponge.absorb(commitments)
        return sponge.scalar()
    }

    /// Encodings one after the other; throws `.identity`.
    static func encoded(_ elements: [G.Element]) throws(ProofError) -> [UInt8] {
        do {
            return try G.encode(all: elements)
        } catch {
            throw .identity
        }
    }
}

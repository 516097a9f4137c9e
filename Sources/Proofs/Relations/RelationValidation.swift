import Curves

extension LinearRelation {
    /// Refuses statements about which a proof would say nothing, or not what it seems to (the draft's "instance validation"):
    ///
    /// `.invalidStatement`: no equations; an equation with an empty side; an index out of range; an element (but the base point) or a scalar
    /// that no equation uses. `.identity`: an element, an image or a scalar's whole column of multiples that is the identity. The first would
    /// leave parts of statement and witness unbound; an image that is the identity is satisfied by zeros; a column of identities leaves its
    /// scalar free.
    ///
    /// Done by every prover and verifier of this package. Variable time in the statement, which is public. Work is linear in its size.
    public func validate() throws(ProofError) {
        let limit: UInt64 = 1 << 32
        guard !equations.isEmpty, UInt64(equations.count) < limit, UInt64(elements.count) <= limit else { throw .invalidStatement }
        var elementUsed = [Bool](repeating: false, count: elements.count)
        elementUsed[0] = true
        var termCount = 0
        for equation in equations {
            guard !equation.image.isEmpty, !equation.terms.isEmpty else { throw .invalidStatement }
            guard UInt64(equation.image.count) < limit, UInt64(equation.terms.count) < limit else { throw .invalidStatement }
            for term in equation.image {
                guard elements.indices.contains(term.element) else { throw .invalidStatement }
                elementUsed[term.element] = true
            }
            for term in equation.terms {
                guard elements.indices.contains(term.element), (0..<scalarCount).contains(term.scalar) else { throw .invalidStatement }
                elementUsed[term.element] = true
            }
            termCount += equation.terms.count
        }
        // Were there more scalars than terms, some would be unused; so what follows is no larger than the statement.
        guard !elementUsed.contains(false), scalarCount <= termCount else { throw .invalidStatement }
        for element in elements where element == G.identity { throw .identity }
        for equation in equations {
            guard !isIdentity(equation.image) else { throw .identity }
        }
        try validateColumns()
    }

    /// Every scalar is used, and in some equation the sum of its multiples is not the identity.
    private func validateColumns() throws(ProofError) {
        var used = [Bool](repeating: false, count: scalarCount)
        var bound = used
        for equation in equations {
            for term in equation.terms {
                used[term.scalar] = true
                if bound[term.scalar] { continue }
                var column: [ImageTerm] = []
                for other in equation.terms where other.scalar == term.scalar { column.append((other.element, other.coefficient)) }
                if !isIdentity(column) { bound[term.scalar] = true }
            }
        }
        guard !used.contains(false) else { throw .invalidStatement }
        guard !bound.contains(false) else { throw .identity }
    }

    /// Whether multiples of elements, none of which is the identity, sum to the identity.
    private func isIdentity(_ terms: [ImageTerm]) -> Bool {
        var scalars: [G.Scalar] = []
        var summands: [G.Element] = []
        for term in terms where !term.coefficient.isZero {
            scalars.append(term.coefficient)
            summands.append(elements[term.element])
        }
        // The order of the group is prime: a non-zero multiple of one element is never the identity.
        if scalars.count < 2 { return scalars.isEmpty }
        return G.multiScalar(scalars, summands) == G.identity
    }
}

import Foundation

/// How probable it is to do well without knowing anything.
///
/// When all that is seen says nothing about who is who among members of a kind, then given all of it every way to match the t targets of a
/// kind with t of its m candidates is as probable as every other. That is all that is used: the bounds hold for whatever an adversary
/// computes, and although the guesses of one game hang together.
///
/// *Right guesses.* The probability that a given k of the guesses are all right is at most (m - k)!/m!, so the expected number of sets of k
/// right ones is at most t!/(t - k)!/k! (m - k)!/m! <= (t/m)^k / k!. Kinds are independent; with e the sum of the t/m over the kinds the
/// number X of right guesses has E (1 + u)^X <= exp(e u) for u >= 0, as if it were Poisson, and P(X >= x) <= exp(x - e) (e/x)^x for x > e.
/// (Binomial tails would be too small: who is right on one of two members is right on the other.)
///
/// *Ranks.* Targets are taken in an order of their own; the right candidate is ranked among those that no earlier target had, from below, and
/// a uniform number of [0, 1) is added before dividing by how many there are. Given all that was ranked before, the place is uniform, so the
/// ranks are independent and uniform in [0, 1): the mean of n of them is above 1/2 + d with probability at most exp(-6 n d^2), as
/// E exp(s (U - 1/2)) <= exp(s^2/24).
enum Chance {
    /// P(so many are right or more), at most.
    static func ofRight(_ right: Int, expected: Double) -> Double {
        let x = Double(right)
        guard x > expected, expected > 0 else { return 1 }
        return exp(x - expected + x * log(expected / x))
    }

    /// P(the mean of so many ranks is so high or higher), at most.
    static func ofRank(_ mean: Double, count: Int) -> Double {
        let above = mean - 0.5
        return above > 0 ? exp(-6 * Double(count) * above * above) : 1
    }
}

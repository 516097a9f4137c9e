/// An unsigned integer of 512 bits: a product of two of 256.
///
/// Products and reductions are inlined everywhere but in WebAssembly, where words of 64 bits are made of many instructions: there a call costs
/// nothing beside the work, and inlining would double the size of a wallet and make its compilation four times longer.
@frozen @usableFromInline package struct U512 {
    @usableFromInline package var low: U256, high: U256

    @inlinable @inline(__always)
    package init(_ low: U256, _ high: U256) {
        self.low = low
        self.high = high
    }

    /// a * b, row by row: one multiply-accumulate chain for each word of a.
    #if arch(wasm32)
    @inlinable @inline(never)
    #else
    @inlinable @inline(__always)
    #endif
    package static func product(_ a: U256, _ b: U256) -> U512 {
        var c: UInt64 = 0
        let t0 = mac(0, a.w0, b.w0, &c)
        var t1 = mac(0, a.w0, b.w1, &c)
        var t2 = mac(0, a.w0, b.w2, &c)
        var t3 = mac(0, a.w0, b.w3, &c)
        var t4 = c
        c = 0
        t1 = mac(t1, a.w1, b.w0, &c)
        t2 = mac(t2, a.w1, b.w1, &c)
        t3 = mac(t3, a.w1, b.w2, &c)
        t4 = mac(t4, a.w1, b.w3, &c)
        var t5 = c
        c = 0
        t2 = mac(t2, a.w2, b.w0, &c)
        t3 = mac(t3, a.w2, b.w1, &c)
        t4 = mac(t4, a.w2, b.w2, &c)
        t5 = mac(t5, a.w2, b.w3, &c)
        var t6 = c
        c = 0
        t3 = mac(t3, a.w3, b.w0, &c)
        t4 = mac(t4, a.w3, b.w1, &c)
        t5 = mac(t5, a.w3, b.w2, &c)
        t6 = mac(t6, a.w3, b.w3, &c)
        return U512(U256(t0, t1, t2, t3), U256(t4, t5, t6, c))
    }

    /// a * a: the products of different words once, doubled by a carry chain, then the squares.
    #if arch(wasm32)
    @inlinable @inline(never)
    #else
    @inlinable @inline(__always)
    #endif
    package static func square(_ a: U256) -> U512 {
        var c: UInt64 = 0
        var t1 = mac(0, a.w0, a.w1, &c)
        var t2 = mac(0, a.w0, a.w2, &c)
        var t3 = mac(0, a.w0, a.w3, &c)
        var t4 = c
        c = 0
        t3 = mac(t3, a.w1, a.w2, &c)
        t4 = mac(t4, a.w1, a.w3, &c)
        var t5 = c
        c = 0
        t5 = mac(t5, a.w2, a.w3, &c)
        var t6 = c
        c = 0
        t1 = adc(t1, t1, &c)
        t2 = adc(t2, t2, &c)
        t3 = adc(t3, t3, &c)
        t4 = adc(t4, t4, &c)
        t5 = adc(t5, t5, &c)
        t6 = adc(t6, t6, &c)
        let top = c
        let s0 = a.w0.multipliedFullWidth(by: a.w0)
        let s1 = a.w1.multipliedFullWidth(by: a.w1)
        let s2 = a.w2.multipliedFullWidth(by: a.w2)
        let s3 = a.w3.multipliedFullWidth(by: a.w3)
        c = 0
        t1 = adc(t1, s0.high, &c)
        t2 = adc(t2, s1.low, &c)
        t3 = adc(t3, s1.high, &c)
        t4 = adc(t4, s2.low, &c)
        t5 = adc(t5, s2.high, &c)
        t6 = adc(t6, s3.low, &c)
        return U512(U256(s0.low, t1, t2, t3), U256(t4, t5, t6, top &+ s3.high &+ c))
    }
}

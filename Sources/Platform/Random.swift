#if hasFeature(Embedded)
import CPlatform
#else
import COpenSSL
#endif

/// Randomness for secrets: OpenSSL's private generator, in the browser what the page supplies.
public enum Random {
    /// `count` fresh random bytes. Traps when the machine has no randomness: nothing can be done safely then.
    public static func bytes(_ count: Int) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: count)
        if count == 0 { return out }
        out.withUnsafeMutableBytes { raw in
            #if hasFeature(Embedded)
            arc4random_buf(raw.baseAddress!, raw.count)
            #else
            let filled = RAND_priv_bytes_ex(nil, raw.bindMemory(to: UInt8.self).baseAddress, raw.count, 0)
            precondition(filled == 1, "the operating system gives no randomness")
            #endif
        }
        return out
    }
}

#if !hasFeature(Embedded)
/// What holds a secret, or says who someone is: prints as its type's name alone, so that no log, dump or error message can hold more.
public protocol Redacted: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {}

extension Redacted {
    /// The type's name.
    public var description: String { "\(Self.self)" }
    /// The type's name.
    public var debugDescription: String { description }
    /// Without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Phrase: Redacted {}
extension Seed: Redacted {}
extension SecretBytes: Redacted {}
extension Wallet: Redacted {}
extension WalletFile: Redacted {}
extension Credential: Redacted {}
extension PendingClaim: Redacted {}
extension ClaimCode: Redacted {}
extension ClaimRequest: Redacted {}
extension Presentation.Proved: Redacted {}
#endif

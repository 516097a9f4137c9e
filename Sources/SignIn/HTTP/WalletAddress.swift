import Reputation
import VerifierService

/// Where members' browsers find a wallet: a page that reads what it is to do from the fragment of its address, which no server sees.
public struct WalletAddress: Sendable, Equatable {
    /// Ends with a slash.
    public let text: String

    /// Scheme of links for a wallet that a member's browser knows by itself.
    static let scheme = "web+symbolon:"

    /// Nil unless it is an https address, or an http one of this machine, without query and fragment.
    public init?(_ text: String) {
        guard text.hasPrefix("http"), RedirectURI.isAdmissible(text), !text.contains("?") else { return nil }
        self.text = text.hasSuffix("/") ? text : text + "/"
    }

    /// Leads to the wallet, which then answers the sign-in of an address.
    func link(signIn address: String) -> String { text + "#" + Self.task(signIn: address) }

    /// The same for whichever wallet the browser knows.
    static func openLink(signIn address: String) -> String { scheme + task(signIn: address) }

    /// What a bearer code is good for, as links say it.
    public enum Redeeming: String, Sendable {
        /// A claim code: a credential.
        case claim
        /// A top-up code: an addition to one.
        case topUp = "top-up"
    }

    /// Leads to the wallet, which then redeems a code. Holds the code: whoever has the link has it.
    ///
    /// - Parameters:
    ///   - code: as it is handed out.
    ///   - service: origin at which wallets reach the service.
    public func link(_ redeeming: Redeeming, code: String, service: String, community: Digest) -> String {
        text + "#" + Form.query([(redeeming.rawValue, code), ("service", service), ("community", community.hex)])
    }

    private static func task(signIn address: String) -> String { Form.query([("sign-in", address)]) }
}

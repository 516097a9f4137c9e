import Curves
import Membership
import Reputation

/// All that issuer, forums and the server of the log see in a world, together, with the times. Who a person is they know where he comes as
/// himself: when he claims, and when his wallet fetches the log, which is the worst case. Presentations and renewals come through a network
/// that hides from where.
struct Transcript {
    /// A person claims a credential.
    struct Claim {
        let person: Int
        let time: Int64
        let values: [Int64]
        let leaf: Affine<Secp256k1>
        /// All that was sent and answered.
        let bytes: [UInt8]
    }

    /// A person's wallet fetches files of the log.
    struct Fetch {
        let person: Int
        let time: Int64
        let files: [LogFile]
    }

    /// What is seen of a leaf that is made of another.
    struct Derivation {
        /// The presentation's credential.
        let credential: Affine<Secp256k1>
        let base: Affine<Secp256k1>
        let leaf: Affine<Secp256k1>
        let deltas: [AttributeChange]
        /// All that was sent and answered.
        let bytes: [UInt8]

        init(_ message: DerivationMessage, _ checked: CheckedDerivation, _ verified: Presentation.Verified, answer: [UInt8]) throws {
            credential = verified.credential
            base = try Affine(encoded: message.base[...])
            leaf = try Affine(encoded: checked.derivation.leaf[...])
            deltas = checked.derivation.deltas
            bytes = message.root + message.base + message.shift + message.presentation + answer
        }
    }

    /// A person redeems a top-up code, which was made for him.
    struct TopUp {
        let person: Int
        let time: Int64
        let epoch: UInt32
        let derivation: Derivation
    }

    /// Somebody renews, or tries to.
    struct Renewal {
        let time: Int64
        let from: UInt32
        let to: UInt32
        let accounts: [RenewalStatement.Account]
        let nullifiers: [[UInt8]]
        let derivation: Derivation
    }

    /// Somebody shows a presentation to a forum.
    struct Show {
        let forum: Forum
        let time: Int64
        let answer: PresentationAnswer
        let nullifiers: [(scope: Scope, value: [UInt8])]
        /// The presentation's credential.
        let credential: Affine<Secp256k1>
        /// Size of the log at the checkpoint that the wallet tells with its answer.
        let told: Int
        /// All that was asked and answered.
        let bytes: [UInt8]

        var epoch: UInt32 { answer.request.context.epoch }
        /// The nullifier of the first scope of a purpose.
        func nullifier(_ purpose: String) -> [UInt8]? { nullifiers.first { $0.scope.purpose == purpose }?.value }
    }

    /// The log's state after a batch.
    struct Batch {
        let time: Int64
        let epoch: UInt32
        let root: [UInt8]
        /// Entries of the log.
        let size: Int
        /// Leaves of the epoch's tree.
        let leaves: Int
    }

    var claims: [Claim] = []
    var fetches: [Fetch] = []
    var topUps: [TopUp] = []
    var renewals: [Renewal] = []
    var shows: [Show] = []
    var batches: [Batch] = []
    /// Leaves of each epoch's final tree, encoded, in their order.
    var leaves: [UInt32: [[UInt8]]] = [:]
    /// Place in the log of each leaf's entry.
    var positions: [[UInt8]: Int] = [:]
}

/// Who asks.
enum Forum {
    /// Registered to report; asks for sign-in and account together.
    case a
    /// Registered to report; asks for sign-in alone, and for the account with a ticket.
    case b
    /// Not registered; asks for sign-in and account together, and for what it likes to know.
    case c
}

/// A file that a wallet fetches.
enum LogFile: Hashable {
    case checkpoint
    /// A bundle of entries, by its name in the static form.
    case tile(LogTile)
    /// Some leaves side by side, of an epoch's tree.
    case leaves(epoch: UInt32, bucket: Int)

    /// Leaves in a bucket.
    static let bucket = 8
}

/// Whose the anonymous contacts are: by their places in the transcript. The adversaries do not see it.
struct Truth {
    var renewals: [Int] = []
    var shows: [Int] = []
    /// Of each person.
    var kinds: [Kind] = []

    /// Whether a person tops up, in epoch 2: half of each kind that is there.
    func topsUp(_ person: Int) -> Bool { kinds[person].isIn(2) && person / Kind.allCases.count % 2 == 0 }
}

/// Members who do the same where it shows by design: each of them is the crowd in which the others hide, and adversaries are told it.
enum Kind: Int, CaseIterable {
    /// Renews in time, as most do.
    case prompt
    /// The same, but reported in epoch 1 and of another group.
    case reported
    /// Renews into epoch 3 when it has opened.
    case late
    /// Skips epoch 2; reported in epoch 1.
    case skipping

    var group: Int64 { self == .prompt || self == .late ? 0 : 1 }
    var isReported: Bool { self == .reported || self == .skipping }
    func isIn(_ epoch: UInt32) -> Bool { self != .skipping || epoch != 2 }
    func isLate(_ epoch: UInt32) -> Bool { self == .late && epoch == 3 }
}

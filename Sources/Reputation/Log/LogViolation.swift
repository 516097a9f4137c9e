/// An entry that must not stand where it stands in a log.
public struct LogViolation: Error, Equatable, Sendable {
    /// Which entry, counted from 0.
    public let position: Int
    /// What it breaks.
    public let rule: Rule

    /// From its parts.
    public init(position: Int, rule: Rule) {
        self.position = position
        self.rule = rule
    }

    /// The rules that the entries of a log obey.
    public enum Rule: Equatable, Sendable {
        /// The bytes are no entry.
        case format(FormatError)
        /// No epoch was opened yet, it is not the current one, or not the next.
        case epoch
        /// An epoch is opened, or the log ends, while entries wait for their batch.
        case unfinished
        /// Not the next place in the tree.
        case index
        /// The leaves of a batch do not rise in the order of their bytes: the order of their arrival would show.
        case order
        /// The leaf stands, or stood, elsewhere in the log.
        case leafRepeated
        /// The leaf was taken out before, and so can never return.
        case restored
        /// The code was used before: first issuance is once per person, and a top-up once per code.
        case codeRepeated
        /// The commitment was used before.
        case blankRepeated
        /// The values do not fit the schema.
        case values(SchemaError)
        /// The opening of the commitment is not proved for this community and code.
        case issuance(IssuanceError)
        /// The leaf is not the commitment and the values.
        case leaf
        /// No such leaf stands in this place of the tree.
        case removal
        /// The tree takes no more leaves, or not this one.
        case tree
        /// The batch is about another schema.
        case schema
        /// Depth or number of leaves are not the tree's.
        case shape
        /// The root is not the tree's.
        case root
        /// Fewer new leaves than the epoch's least, before the time.
        case batchTooSmall
        /// The batch is older than the one before.
        case time
        /// Rules that do not stand right behind the opening of their epoch, or are not about this schema.
        case rules
        /// The epoch is closed already, or is not, as it would have to be.
        case closed
        /// Settled feedback in another place than behind the closing of an epoch, out of order, or by none of the forums and reasons.
        case feedback
        /// An epoch opens with fewer renewed leaves than the rules say.
        case epochTooSmall
        /// A renewal out of an epoch that takes none into this one.
        case renewal
        /// Somebody renewed out of the same epoch before.
        case renewalRepeated
        /// What is added to a leaf is not the settled feedback on the accounts shown, or nothing that a code can add.
        case deltas
        /// A top-up that is not proved against a root that the epoch has had.
        case topUp
        /// The presentation of a renewal or top-up does not hold against its root.
        case presentation(PresentationError)

        /// Stable name of the rule.
        public var code: String {
            switch self {
            case .format(let error): error.code
            case .epoch: "log-epoch"
            case .unfinished: "log-unfinished"
            case .index: "log-index"
            case .order: "log-order"
            case .leafRepeated: "log-leaf-repeated"
            case .restored: "log-restored"
            case .codeRepeated: "log-code-repeated"
            case .blankRepeated: "log-blank-repeated"
            case .values(let error): error.code
            case .issuance(let error): error.code
            case .leaf: "log-leaf"
            case .removal: "log-removal"
            case .tree: "log-tree"
            case .schema: "log-schema"
            case .shape: "log-shape"
            case .root: "log-root"
            case .batchTooSmall: "log-batch-too-small"
            case .time: "log-time"
            case .rules: "log-rules"
            case .closed: "log-epoch-closed"
            case .feedback: "log-feedback"
            case .epochTooSmall: "log-epoch-too-small"
            case .renewal: "log-renewal"
            case .renewalRepeated: "log-renewal-repeated"
            case .deltas: "log-deltas"
            case .topUp: "log-top-up"
            case .presentation(let error): error.code
            }
        }
    }
}

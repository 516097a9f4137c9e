/// What an operator may do.
public enum OperatorRole: String, Sendable, CaseIterable {
    /// Everything.
    case owner
    /// Bans, notes, appeals, and looking at the rest.
    case moderator
}

/// An operator's account.
public struct OperatorRecord: Sendable, Equatable {
    /// Its name, as `Moderation.isName` has it.
    public let name: String
    /// What it may do.
    public let role: OperatorRole
    /// What its password is checked against, no password; nil before one was chosen.
    public let password: [UInt8]?
    /// When it was made, in seconds since 1970.
    public let created: Int64

    /// Creates a record from its fields.
    public init(name: String, role: OperatorRole, password: [UInt8]? = nil, created: Int64) {
        self.name = name
        self.role = role
        self.password = password
        self.created = created
    }
}

/// What became of a change of an account.
public enum OperatorChange: Sendable, Equatable {
    /// It is made.
    case done
    /// There is no account of that name.
    case unknown
    /// There would be accounts and none of an owner.
    case lastOwner
}

/// That somebody is signed in to the console as an operator.
public struct OperatorSession: Sendable, Equatable {
    /// Hash of its cookie, 32 bytes.
    public let id: [UInt8]
    /// Whose it is.
    public let name: String
    /// When it began, in seconds since 1970.
    public let began: Int64
    /// When it was last used, in seconds since 1970.
    public let used: Int64

    /// Creates a record from its fields.
    public init(id: [UInt8], name: String, began: Int64, used: Int64) {
        self.id = id
        self.name = name
        self.began = began
        self.used = used
    }
}

/// A token with which a program acts for an operator.
public struct OperatorToken: Sendable, Equatable {
    /// Given by the store, rising.
    public let number: Int
    /// Whose it is.
    public let name: String
    /// What it is for, in the operator's words.
    public let label: String
    /// Seconds since 1970 from which on it is not taken.
    public let expires: Int64

    /// Creates a record from its fields; the store numbers what it is given.
    public init(number: Int = 0, name: String, label: String, expires: Int64) {
        self.number = number
        self.name = name
        self.label = label
        self.expires = expires
    }
}

/// Wrong passwords in a row.
public struct OperatorFailures: Sendable, Equatable {
    /// How many.
    public let count: Int
    /// When the last was, in seconds since 1970.
    public let last: Int64

    /// Creates a record from its fields.
    public init(count: Int, last: Int64) {
        self.count = count
        self.last = last
    }
}

import CPostgreSQL

/// Where a PostgreSQL database is: a connection URI of libpq, such as `postgresql://symbolon@db.example.org/symbolon`.
///
/// What it leaves out libpq takes from its usual sources: PGPASSFILE, PGSERVICEFILE and the other variables. It can hold a password: it is
/// never shown.
public struct PostgresAddress: Sendable, CustomStringConvertible, CustomReflectable {
    /// Why a text is no address.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// libpq does not understand it.
        case malformed
        /// It holds a password where others can read it.
        case password

        /// What is wrong, for people; without the address.
        public var description: String {
            switch self {
            case .malformed: "the address of the database is none: it begins with postgresql:// and is a connection URI of libpq"
            case .password:
                "the address of the database holds a password, and others can read arguments: put it into a file named by PGPASSFILE"
            }
        }
    }

    /// The address itself, which may hold a password.
    let text: String
    /// Whether it holds a password.
    public let hasPassword: Bool
    /// What it says, as libpq's environment variables: for PostgreSQL's own programs, whose arguments others can read.
    let environment: [String: String]

    /// Reads an address; nothing is connected to.
    public init(_ text: String) throws(Failure) {
        guard text.hasPrefix("postgresql://") || text.hasPrefix("postgres://"), !text.utf8.contains(0),
            // Its error message is not taken: it can hold what stands in the place of the password.
            let options = PQconninfoParse(text, nil)
        else { throw .malformed }
        defer { PQconninfoFree(options) }
        var environment: [String: String] = [:]
        var option = options
        while option.pointee.keyword != nil {
            if let value = option.pointee.val, let variable = option.pointee.envvar {
                environment[String(cString: variable)] = String(cString: value)
            }
            option += 1
        }
        self.text = text
        self.environment = environment
        hasPassword = environment["PGPASSWORD"] != nil
    }

    /// Says that it is one, and not which.
    public var description: String { "a PostgreSQL database" }
    /// Shows nothing of it.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

import Hummingbird
import SignIn
import VerifierService

/// A request of an operator who is signed in.
struct Visit: Sendable {
    let account: OperatorRecord
    let browser: Browser
    let request: Request
    let context: ServiceContext

    /// What the forms of all pages carry the hash of, with the browser's cookie: it changes with each session.
    static let form = Array("console".utf8)

    /// A parameter of the route.
    func parameter(_ name: String) -> String { context.parameters.get(name) ?? "" }

    /// The number in a parameter of the route; none is given out that is below 1.
    func number(_ name: String) -> Int { Int(parameter(name)) ?? 0 }

    /// The parameters of the query; those of a malformed one are none.
    var query: Form { (try? Form(parsing: Array((request.uri.query ?? "").utf8))) ?? Form() }
}

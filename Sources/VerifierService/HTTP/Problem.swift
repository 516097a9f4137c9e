import Hummingbird
import Logging
import Reputation

/// An answer that refuses something: RFC 9457 problem details with a stable `code` that programs decide by.
///
/// Codes and titles say which check failed and nothing of what was checked: they hold no value that came with the request.
public struct Problem: Error, Sendable, Equatable {
    /// HTTP status.
    public let status: Int
    /// Stable name of the check that failed, in kebab case.
    public let code: String
    /// The same for people.
    public let title: String
    /// After how many seconds another try makes sense, when it does.
    public let retryAfter: Int?
    /// What else the refused one is told.
    public let members: [JSON.Member]

    /// Creates a problem.
    public init(_ status: Int, _ code: String, _ title: String, retryAfter: Int? = nil, members: [JSON.Member] = []) {
        self.status = status
        self.code = code
        self.title = title
        self.retryAfter = retryAfter
        self.members = members
    }

    /// The body of the answer.
    public var json: JSON {
        .object(
            [
                .init("type", .text("urn:symbolon:problem:" + code)), .init("title", .text(title)),
                .init("status", .integer(Int64(status))), .init("code", .text(code)),
            ] + members)
    }

    var response: Response {
        var headers: HTTPFields = [.contentType: "application/problem+json", .cacheControl: "no-store"]
        if let retryAfter { headers[.retryAfter] = String(retryAfter) }
        return Response(status: .init(code: status), headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: json.encoded())))
    }
}

extension Problem {
    /// The address is not one of the service's.
    static let notFound = Problem(404, "not-found", "There is nothing at this address.")
    /// The body is longer than anything the service takes.
    static let bodyTooLarge = Problem(413, "body-too-large", "The body is larger than this service accepts.")
    /// The body did not come in time.
    static let timeout = Problem(408, "timeout", "The request did not arrive in the time that this service waits.")
    /// The network has used up what it may ask for, and can go on after so many seconds.
    static func tooMany(retryAfter seconds: Int) -> Problem {
        Problem(429, "too-many-requests", "This network asked for more than it may in a minute.", retryAfter: seconds)
    }
    /// The queue before the cryptography is full.
    package static let busy = Problem(503, "busy", "The service has as much to do as it takes on at once.", retryAfter: 1)
    /// Something failed that is not the client's doing.
    static let internalError = Problem(500, "internal-error", "The service failed; nothing was recorded.")

    /// No code of that hash, or its person is revoked.
    static let unknownCode = Problem(404, "code-unknown", "There is no such code.")
    /// The code was used for another leaf.
    static let codeUsed = Problem(409, "code-used", "This code was used by another wallet.")
    /// No request of that nonce; it may have expired long ago.
    package static let unknownRequest = Problem(404, "request-unknown", "There is no such presentation request.")
    /// The request was answered before.
    package static let requestUsed = Problem(409, "request-used", "This presentation request was answered already.")
    /// The audience took the request back.
    static let requestCancelled = Problem(409, "request-cancelled", "This presentation request was taken back.")
    /// Nobody here signs results.
    static let noResults = Problem(406, "result-unavailable", "This service signs no results: it has no address of its own.")
    /// Too many streams of events are open.
    static let tooManyStreams = Problem(503, "too-many-streams", "Too many streams of events are open.", retryAfter: 10)
    /// The nullifier is spent in its scope.
    static let alreadySpent = Problem(409, "already-spent", "This member did this already.")
    /// A query parameter is out of its range.
    static let badQuery = Problem(400, "bad-query", "A parameter of the address is not what it may be.")
    /// Too many open requests.
    static let tooManyRequests = Problem(503, "too-many-requests-open", "Too many presentation requests are open.", retryAfter: 60)
    /// No audience of that id.
    static let unknownAudience = Problem(404, "audience-unknown", "There is no such audience.")
    /// The token is missing or not the audience's.
    static let unauthorized = Problem(401, "unauthorized", "The token of this audience is needed.")

    /// The epoch has ended, and the next has not opened.
    static let epochEnded = Problem(
        503, "epoch-ended", "This epoch has ended and takes nobody any more; the next opens later.", retryAfter: 60)
    /// Renewed out of that epoch to another leaf.
    static let alreadyRenewed = Problem(409, "already-renewed", "This member renewed out of this epoch already.")
    /// No presentation was accepted for that nonce from this audience's visitors.
    static let unknownPresentation = Problem(404, "presentation-unknown", "No such presentation was accepted here.")
    /// The presentation is not one of that account and message.
    static let reportEvidence = Problem(422, "report-evidence", "The presentation is not of this account and message.")
    /// The audience may not report acts of that epoch.
    static let unregisteredForum = Problem(403, "forum-unregistered", "This audience is not registered to report in that epoch.")
    /// No reason of that code.
    static let unknownReason = Problem(422, "reason-unknown", "The rules of that epoch have no such reason.")
    /// The message was reported before.
    static let alreadyReported = Problem(409, "already-reported", "This message was reported already.")
    /// The epoch after that of the act has ended.
    static let reportsClosed = Problem(409, "reports-closed", "Acts of that epoch are reported no more.")
    /// No such report on this account.
    static let unknownReport = Problem(404, "report-unknown", "There is no such report on this account.")
    /// Decided or settled.
    static let disputeClosed = Problem(409, "dispute-closed", "This report is decided, or has settled.")

    /// The answer to an error of any layer.
    package init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case is WorkPool.Busy: self = .busy
        case let banned as Banned: self = banned.notice.problem
        case let error as HTTPError where error.status == .notFound: self = .notFound
        case let error as HTTPError where error.status == .contentTooLarge: self = .bodyTooLarge
        case let error as HTTPError where error.status.kind == .clientError:
            self = Problem(error.status.code, "bad-request", "The request is not one that this service understands.")
        case PresentationError.request(let error): self.init(error)
        case let error as PresentationError: self = .refused(code: error.code, "The presentation does not hold.")
        case RenewalError.json(let error): self.init(error)
        case RenewalError.presentation(let error): self.init(error)
        case let error as RenewalError: self = .refused(code: error.code, "The renewal does not hold.")
        case TopUpError.json(let error): self.init(error)
        case TopUpError.presentation(let error): self.init(error)
        case let error as TopUpError: self = .refused(code: error.code, "The top-up does not hold.")
        case IssuanceError.json(let error): self.init(error)
        case let error as IssuanceError: self = .refused(code: error.code, "The request for issuance does not hold.")
        case is ForkFound: self = Problem(409, LogError.fork.code, "Two histories of the log are signed; nothing was accepted.")
        case let error as LogError: self = .refused(code: error.code, "The checkpoint that came along does not hold.")
        case RequestError.expired: self = Problem(410, RequestError.expired.code, "The presentation request has expired.")
        case RequestError.json(let error): self.init(error)
        case let error as RequestError: self = .refused(code: error.code, "The request, or the answer to it, is not admitted.")
        case let error as JSONError: self = Problem(400, error.code, "The body is not the JSON that this address takes.")
        case is StoreError:
            let title = "The store does not answer. Nothing was recorded, or asking again says what was."
            self = Problem(503, "store-unavailable", title, retryAfter: 5)
        case is CancellationError: self = Problem(503, "shutting-down", "The service is shutting down.", retryAfter: 5)
        default: self = .internalError
        }
    }
}

extension Problem {
    /// Something was understood, checked, and found wanting; the code says in what.
    private static func refused(code: String, _ title: String) -> Problem { Problem(422, code, title) }
}

/// Turns every error into problem details, and logs what is the service's own fault.
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let problem = Problem(error)
            problem.log(error, to: context.logger)
            return problem.response
        }
    }
}

extension Problem {
    /// Logs an error that is the service's own fault, its kind and never its contents, and one that shows another log.
    package func log(_ error: any Error, to logger: Logger) {
        if let found = error as? ForkFound {
            logger.error("another history of the log was shown", metadata: ["proof": .string(found.path ?? "not kept")])
        }
        guard status >= 500 else { return }
        // A store's error text is the database's own and holds no stored values; of others only the type is safe to show.
        let what = (error as? StoreError).map { String(describing: $0) } ?? String(describing: type(of: error))
        logger.error("request failed", metadata: ["code": .string(code), "error": .string(what)])
    }
}

/// Logs each request by its route, status and time. Neither address, query, header nor body: they can hold nonces and codes, and the
/// addresses of members are nobody's business.
struct AccessLogMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        context.logger.info(
            "request",
            metadata: [
                "method": .string(request.method.rawValue), "route": .string(context.endpointPath ?? "none"),
                "status": .stringConvertible(response.status.code),
                "ms": .stringConvertible(Int((ContinuousClock.now - start) / .milliseconds(1))),
            ])
        return response
    }
}

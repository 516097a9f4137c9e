import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Reputation

/// A service as its clients see it: wallets, relying parties, the demo. Nothing that it says is believed before it is checked against the
/// community's log key, except where that is said.
public struct ServiceClient: Sendable {
    /// Why a call did not succeed.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// The service refused, with this code.
        case refused(code: String, status: Int)
        /// The service refused a pseudonym that is banned.
        case banned(BanNotice)
        /// The service cannot be reached.
        case unreachable(String)
        /// The answer is not what this address gives.
        case malformed(String)
        /// The published data contradict each other or the signature.
        case contradiction(String)

        /// What is wrong, for people.
        public var description: String {
            switch self {
            case .refused(let code, let status): "the service refused: \(code) (HTTP \(status))"
            case .banned(let notice): "the service refused: \(BanNotice.code): \(notice.reason)"
            case .unreachable(let url): "the service at \(url) cannot be reached"
            case .malformed(let what): "the service's \(what) is malformed"
            case .contradiction(let what): "the service's published data do not hold: \(what)"
            }
        }
    }

    /// What a service says about itself.
    public struct Description: Sendable {
        /// The community.
        public let community: Community
        /// Names and ids of the audiences.
        public let audiences: [(name: String, id: Digest)]
    }

    private let base: String
    private let http: HTTPClient

    /// - Parameters:
    ///   - url: of the service, such as `http://127.0.0.1:8080`.
    ///   - http: the client that connects; the caller shuts it down.
    public init(url: String, http: HTTPClient = .shared) {
        base = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.http = http
    }

    // MARK: What is published

    /// What the service says about its community. A wallet compares the community's id with the one it was given or knows.
    public func description() async throws -> Description {
        do {
            var object = try JSONObject(try await json("/v1/community"))
            try object.version(1)
            let community = try Community(json: try object.take("community"))
            var audiences: [(String, Digest)] = []
            for value in try object.array("audiences", atMost: 10_000) {
                var audience = try JSONObject(value)
                audiences.append((String(decoding: try audience.text("name", atMost: 64), as: UTF8.self), try audience.digest("id")))
            }
            return Description(community: community, audiences: audiences)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure.malformed("description of the community")
        }
    }

    /// The nullifiers that are spent in an epoch, signed by the log's key.
    ///
    /// - Throws: ``Failure``; ``Failure/contradiction(_:)`` for a set that is not signed or of something else.
    public func spent(in epoch: UInt32, of community: Community) async throws -> (set: SpentSet, bytes: [UInt8]) {
        let bytes = try await execute(HTTPClientRequest(url: base + "/v1/spent/\(epoch)"), atMost: SpentSet.greatestLength)
        do { return (try SpentSet(signed: bytes, community: community, epoch: epoch), bytes) } catch {
            throw Failure.contradiction("the set of spent tickets: \(error.code)")
        }
    }

    /// What an audience may ask, as the service says; nil when it says nothing.
    public func policy(of audience: Digest, community: Community) async throws -> Policy? {
        let answer: [UInt8]
        do { answer = try await get("/v1/audiences/\(audience.hex)/policy") } catch Failure.refused(code: "not-found", status: _) {
            return nil
        }
        guard let policy = try? Policy(json: JSON(parsing: answer), schema: community.schema), policy.audience == audience,
            policy.community == community.id
        else { throw Failure.malformed("policy of the audience") }
        return policy
    }

    /// How many members stand in which class, with the log key's signature: to be read by `Histogram(signed:community:epoch:)`.
    public func histogram() async throws -> [UInt8] {
        try await execute(HTTPClientRequest(url: base + "/v1/histogram"), atMost: Histogram.greatestLength)
    }

    /// The community's log in its static form.
    public var log: WebLog { WebLog(prefix: base + LogNames.prefix, http: http) }

    // MARK: Issuance and presentations

    /// Sends a claim; the wallet has to check the receipt.
    public func claim(_ request: ClaimRequest) async throws -> Receipt {
        let answer = try await post("/v1/credentials", request.json)
        do { return try Receipt(json: JSON(parsing: answer)) } catch { throw Failure.malformed("receipt") }
    }

    /// Asks for a presentation, as an audience's operator.
    public func ask(_ question: Question, audience: Digest, token: String, schema: Schema) async throws -> PresentationRequest {
        let answer = try await post("/v1/audiences/\(audience.hex)/requests", question.json, token: token)
        do { return try PresentationRequest(json: JSON(parsing: answer).separatingCheckpoint().content, schema: schema) } catch {
            throw Failure.malformed("request")
        }
    }

    /// The request of a nonce, and the checkpoint that the verifier told with it.
    public func request(nonce: [UInt8], schema: Schema) async throws -> (request: PresentationRequest, checkpoint: [UInt8]?) {
        do {
            let (content, checkpoint) = try await requestJSON(nonce: nonce).separatingCheckpoint()
            return (try PresentationRequest(json: content, schema: schema), checkpoint)
        } catch let error as RequestError {
            throw Failure.malformed("request (\(error.code))")
        } catch is JSONError {
            throw Failure.malformed("request")
        }
    }

    /// The same as it came: which community it is about says by which schema to read it.
    public func requestJSON(nonce: [UInt8]) async throws -> JSON {
        let answer = try await get("/v1/requests/\(Hex.text(nonce))")
        do { return try JSON(parsing: answer) } catch { throw Failure.malformed("request") }
    }

    /// Presents; returns the service's answer. Throws ``Failure/refused(code:status:)`` when it is not accepted.
    ///
    /// - Parameter checkpoint: what the wallet tells of the log, ``LogMirror/told(to:)``.
    @discardableResult public func present(
        _ answer: PresentationAnswer, to audience: Digest, schema: Schema, checkpoint: [UInt8]? = nil
    ) async throws -> JSON {
        let answer = try await post(
            "/v1/audiences/\(audience.hex)/presentations", answer.json(schema).telling(checkpoint: checkpoint))
        do { return try JSON(parsing: answer) } catch { throw Failure.malformed("verdict") }
    }

    // MARK: Top-ups, renewal and feedback

    /// What a top-up code adds.
    public func offer(_ code: TopUpCode) async throws -> TopUpOffer {
        let answer = try await post("/v1/top-ups/offer", TopUpOffer.question(code))
        do { return try TopUpOffer(json: JSON(parsing: answer)) } catch { throw Failure.malformed("offer") }
    }

    /// Sends a top-up; the wallet has to check the receipt.
    public func topUp(_ message: TopUpMessage) async throws -> TopUpReceipt {
        let answer = try await post("/v1/top-ups", message.json)
        do { return try TopUpReceipt(json: JSON(parsing: answer)) } catch { throw Failure.malformed("receipt") }
    }

    /// Sends a renewal; the wallet has to check the receipt.
    public func renew(_ message: RenewalMessage) async throws -> RenewalReceipt {
        let answer = try await post("/v1/renewals", message.json)
        do { return try RenewalReceipt(json: JSON(parsing: answer)) } catch { throw Failure.malformed("receipt") }
    }

    /// Reports an act, as an audience's operator.
    ///
    /// - Parameters:
    ///   - nonce: of the request that the act's presentation answered.
    ///   - account: the nullifier of the account's scope, as it came with the acceptance.
    ///   - raises: whether the reason's attribute is to rise, or to fall.
    public func report(
        nonce: [UInt8], account: [UInt8], message: Digest, reason: String, raises: Bool, audience: Digest, token: String
    ) async throws {
        _ = try await post(
            "/v1/audiences/\(audience.hex)/reports",
            .object([
                .init("version", .integer(Int64(1))), .init("nonce", .hex(nonce)), .init("account", .hex(account)),
                .init("message", .hex(message.bytes)), .init("reason", .text(reason)), .init("raises", .bool(raises)),
            ]), token: token)
    }

    /// Disputes a report: an answer to `DisputeStatement.request`.
    public func dispute(_ answer: PresentationAnswer, to audience: Digest, schema: Schema) async throws {
        _ = try await post("/v1/audiences/\(audience.hex)/disputes", answer.json(schema))
    }

    /// All reports of acts of an epoch.
    public func reports(epoch: UInt32) async throws -> [JSON] {
        var all: [JSON] = []
        var last: Int64 = 0
        while true {
            var object = try JSONObject(try JSON(parsing: try await get("/v1/reports?epoch=\(epoch)&after=\(last)")))
            let page = try object.array("reports", atMost: 1000)
            guard let end = page.last else { return all }
            guard case .integer(let number)? = end["number"], number > last else { throw Failure.malformed("list of reports") }
            last = number
            all += page
        }
    }

    // MARK: HTTP

    private func json(_ path: String) async throws -> JSON { try JSON(parsing: try await get(path)) }

    package func get(_ path: String) async throws -> [UInt8] { try await execute(HTTPClientRequest(url: base + path)) }

    package func post(_ path: String, _ body: JSON, token: String? = nil) async throws -> [UInt8] {
        var request = HTTPClientRequest(url: base + path)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        request.body = .bytes(ByteBuffer(bytes: body.encoded()))
        return try await execute(request)
    }

    private func execute(_ request: HTTPClientRequest, atMost limit: Int = 1 << 20) async throws -> [UInt8] {
        let (status, body): (Int, [UInt8])
        do {
            let response = try await http.execute(request, timeout: .seconds(60))
            status = Int(response.status.code)
            body = Array(buffer: try await response.body.collect(upTo: limit))
        } catch let error as CancellationError {
            throw error
        } catch {
            throw Failure.unreachable(base)
        }
        guard (200..<300).contains(status) else {
            let problem = try? JSON(parsing: body)
            if let notice = problem.flatMap({ BanNotice(problem: $0) }) { throw Failure.banned(notice) }
            throw Failure.refused(code: problem?["code"]?.text ?? "http-\(status)", status: status)
        }
        return body
    }
}

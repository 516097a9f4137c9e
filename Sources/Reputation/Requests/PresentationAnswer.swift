/// A holder's answer to a request: what he filled in, and the presentation. With the request inside it stands for itself, so it can be
/// verified from a file and kept as evidence; who verifies compares the request with the one he asked.
public struct PresentationAnswer: Equatable, Sendable {
    /// What was asked.
    public let request: PresentationRequest
    /// Encoding of the root it is proved against, 33 bytes. The verifier decides whether he still accepts it.
    public let root: [UInt8]
    /// Index of the ticket, where one was asked for.
    public let ticket: UInt32?
    /// Values of the attributes to disclose, in the request's order.
    public let disclosed: [Int64]
    /// The proof.
    public let presentation: [UInt8]

    /// Bytes of a presentation at most.
    public static let greatestPresentation = 1 << 15

    /// From its parts.
    public init(request: PresentationRequest, root: [UInt8], ticket: UInt32? = nil, disclosed: [Int64] = [], presentation: [UInt8]) {
        self.request = request
        self.root = root
        self.ticket = ticket
        self.disclosed = disclosed
        self.presentation = presentation
    }

    /// Throws unless this answers that request; says in which part it does not.
    public func check(isFor asked: PresentationRequest) throws(RequestError) {
        let (ours, theirs) = (asked.context, request.context)
        guard ours.community == theirs.community else { throw .communityMismatch }
        guard ours.schema == theirs.schema else { throw .schemaMismatch }
        guard ours.epoch == theirs.epoch else { throw .epochMismatch }
        guard ours.audience == theirs.audience else { throw .audienceMismatch }
        guard asked.scopes == request.scopes, asked.tickets == request.tickets else { throw .scopeMismatch }
        guard asked.disclose == request.disclose else { throw .disclosureMismatch }
        guard asked.predicates == request.predicates else { throw .predicateMismatch }
        guard ours.message == theirs.message else { throw .messageMismatch }
        guard ours.expires == theirs.expires else { throw .expiryMismatch }
        guard ours.nonce == theirs.nonce else { throw .nonceMismatch }
    }

    /// The request that the presentation proves.
    public func protocolRequest(schema: Schema) throws(RequestError) -> Request {
        try request.protocolRequest(schema: schema, disclosed: disclosed, ticket: ticket)
    }
}

extension PresentationAnswer {
    /// From JSON, with the schema that the request is about; throws as `PresentationRequest.init(json:schema:)`.
    @export(interface)
    public init(json: JSON, schema: Schema) throws(RequestError) {
        let (request, root, ticket, disclosed, presentation): (JSON, [UInt8], UInt32?, [Int64], [UInt8])
        do {
            var object = try JSONObject(json)
            try object.version(1)
            request = try object.take("request")
            root = try object.hex("root", 33)
            ticket = object.has("ticket") ? try object.uint32("ticket") : nil
            disclosed = object.has("disclosed") ? try object.integers("disclosed", atMost: Schema.greatestCount) : []
            presentation = try object.base64URL("presentation", atMost: PresentationAnswer.greatestPresentation)
            try object.finish()
        } catch {
            throw .json(error)
        }
        self.init(
            request: try PresentationRequest(json: request, schema: schema), root: root, ticket: ticket, disclosed: disclosed,
            presentation: presentation)
    }

    /// The JSON form; for requests about this schema.
    @export(interface)
    public func json(_ schema: Schema) -> JSON {
        var members: [JSON.Member] = [
            .init("version", .integer(Int64(1))), .init("request", request.json(schema)), .init("root", .hex(root)),
        ]
        if let ticket { members.append(.init("ticket", .integer(ticket))) }
        if !disclosed.isEmpty { members.append(.init("disclosed", .array(disclosed.map { .integer($0) }))) }
        members.append(.init("presentation", .base64URL(presentation)))
        return .object(members)
    }
}

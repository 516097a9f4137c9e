import Hummingbird
import Metrics

/// Counts requests by method, route and status, and how long they take until their answer begins. Routes have the names of their parameters and none
/// of their values.
struct RequestMetrics<Context: RequestContext>: RouterMiddleware {
    func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
        let start = ContinuousClock.now
        let running = Meter(label: "symbolon.http.requests_in_flight")
        running.increment()
        defer { running.decrement() }
        let response = try await next(request, context)
        let route = context.endpointPath ?? "none"
        Counter(
            label: "symbolon.http.requests",
            dimensions: [("method", Self.method(request.method)), ("route", route), ("status", String(response.status.code))]
        ).increment()
        Timer(label: "symbolon.http.request", dimensions: [("route", route)])
            .recordNanoseconds(Int64((ContinuousClock.now - start) / .nanoseconds(1)))
        return response
    }

    /// Methods are names that anybody can make up.
    private static func method(_ method: HTTPRequest.Method) -> String {
        [.get, .post, .head, .put, .delete, .options, .patch].contains(method) ? method.rawValue : "other"
    }
}

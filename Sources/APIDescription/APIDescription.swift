/// What the service's addresses take and answer, as OpenAPI 3.1. A room of its own because it is long, and compiled once.
public enum APIDescription {
    /// The document, JSON.
    public static var json: [UInt8] { PackageResources.openapi_json }
}

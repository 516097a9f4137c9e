import Foundation

/// The files of Tests/Vectors.
public enum TestVectors {
    /// The content of a file.
    public static func data(_ name: String, source: String = #filePath) throws -> Data {
        let tests = URL(fileURLWithPath: source).deletingLastPathComponent().deletingLastPathComponent()
        return try Data(contentsOf: tests.appendingPathComponent("Vectors").appendingPathComponent(name))
    }

    /// A JSON file, decoded.
    public static func decode<T: Decodable>(_: T.Type = T.self, from name: String) throws -> T {
        try JSONDecoder().decode(T.self, from: try data(name))
    }
}

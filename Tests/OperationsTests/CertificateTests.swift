import Foundation
import Operations
import Testing

@Suite("Certificates in files") struct CertificateTests {
    private func make(_ name: String, days: Int, in folder: URL) throws {
        let openssl = Process()
        openssl.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        openssl.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", String(days), "-subj",
            "/CN=localhost",
            "-keyout", "\(name).key", "-out", "\(name).pem",
        ]
        openssl.currentDirectoryURL = folder
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        #expect(openssl.terminationStatus == 0)
    }

    @Test("A pair that is replaced is taken over; one that is half written is not")
    func replaced() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("symbolon-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try make("a", days: 10, in: folder)
        try make("b", days: 90, in: folder)
        func install(_ name: String, _ suffix: String) throws {
            let target = folder.appendingPathComponent("live.\(suffix)")
            try Data(contentsOf: folder.appendingPathComponent("\(name).\(suffix)")).write(to: target, options: .atomic)
        }
        func days(_ certificate: Certificate) -> Int64 { (certificate.expires - Int64(Date().timeIntervalSince1970) + 3600) / 86_400 }
        try install("a", "pem")
        try install("a", "key")
        let (pem, key) = (folder.path + "/live.pem", folder.path + "/live.key")
        let certificate = try Certificate(certificate: pem, key: key, every: .zero)
        #expect(days(certificate) == 10)
        try install("b", "pem")
        #expect(days(certificate) == 10)
        try install("b", "key")
        #expect(days(certificate) == 90)
        try Data("no certificate".utf8).write(to: URL(fileURLWithPath: pem))
        #expect(days(certificate) == 90)
        #expect(throws: Certificate.Failure.self) { try Certificate(certificate: pem, key: key) }
        #expect(throws: Certificate.Failure.self) { try Certificate(certificate: folder.path + "/none", key: key) }
    }
}

import Foundation
import Logging
import Operations
import Synchronization
import Testing

@Suite("Log lines") struct LogTests {
    @Test("A message is one line of JSON whatever is in it")
    func json() throws {
        let lines = Mutex<[String]>([])
        var logger = Logger(label: "test") { label in JSONLogHandler(label: label) { line in lines.withLock { $0.append(line) } } }
        logger.logLevel = .info
        logger[metadataKey: "always"] = "there"
        logger.info("a \"quoted\"\nmessage", metadata: ["route": "/x", "n": .stringConvertible(3)])
        logger.debug("not written")
        let written = lines.withLock { $0 }
        #expect(written.count == 1)
        let line = try #require(written.first)
        #expect(line.hasSuffix("\n") && line.dropLast().firstIndex(of: "\n") == nil)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
        #expect(object["message"] == "a \"quoted\"\nmessage")
        #expect(object["level"] == "info" && object["label"] == "test" && object["route"] == "/x" && object["n"] == "3")
        #expect(object["always"] == "there")
        #expect(object["time"]?.hasSuffix("Z") == true)
    }
}

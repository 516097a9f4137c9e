/// Whether a text is one line without control characters.
package func isLine(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { ![.control, .format, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory) }
}

/// Whether a text that people wrote can be kept and shown: not empty, at most so many bytes, no control characters but line ends.
package func isProse(_ text: String, atMost bytes: Int) -> Bool {
    text.utf8.count <= bytes && text.contains { !$0.isWhitespace } && isLine(String(text.filter { $0 != "\n" }))
}

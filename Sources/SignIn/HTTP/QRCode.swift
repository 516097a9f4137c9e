import CQREncode

/// A text as a QR code (ISO/IEC 18004), by libqrencode, to be drawn as an SVG path.
package struct QRCode: Sendable, Equatable {
    /// Modules along a side, the quiet zone of four at each end included.
    package let size: Int
    /// Dark modules, as the data of an SVG path in which a module is one unit.
    package let path: String

    private static let quiet = 4

    /// The smallest code of a text that still reads when 15 % of it are covered; nil when it is longer than an address is.
    package init?(_ text: String) {
        guard (1...1024).contains(text.utf8.count), let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else { return nil }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        guard let modules = code.pointee.data else { return nil }
        var path = ""
        for row in 0..<width {
            var column = 0
            while column < width {
                let start = column
                // The lowest bit of a module says whether it is dark.
                while column < width, modules[row * width + column] & 1 == 1 { column += 1 }
                if column > start {
                    path += "M\(start + Self.quiet) \(row + Self.quiet)h\(column - start)v1h-\(column - start)z"
                } else {
                    column += 1
                }
            }
        }
        self.path = path
        size = width + 2 * Self.quiet
    }

    /// A file with nothing but the code, dark on white whatever stands around it.
    package var svg: String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size) \(size)" shape-rendering="crispEdges">\
        <path fill="#fff" d="M0 0h\(size)v\(size)H0z"/><path d="\(path)"/></svg>

        """
    }
}

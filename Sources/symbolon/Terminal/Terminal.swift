import Foundation

/// Standard streams, and what goes to which.
enum Terminal {
    /// Writes a line for people to standard error.
    static func message(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    /// Writes bytes and a line end to standard output.
    static func output(_ bytes: [UInt8]) { FileHandle.standardOutput.write(Data(bytes + [0x0A])) }

    /// Whether standard error is a terminal, so that a line may be drawn over.
    static let errorIsTerminal = isatty(STDERR_FILENO) == 1

    /// Whether standard output is a terminal: then colours help.
    static let outputIsTerminal = isatty(STDOUT_FILENO) == 1

    /// Asks for a secret without showing what is typed.
    ///
    /// - Throws: ``CommandFailure`` when standard input is no terminal.
    static func secret(prompt: String, orGive alternative: String) throws -> String {
        guard isatty(STDIN_FILENO) == 1 else { throw CommandFailure("no terminal to ask for the \(prompt) on; give \(alternative)") }
        FileHandle.standardError.write(Data("\(prompt): ".utf8))
        var settings = termios()
        tcgetattr(STDIN_FILENO, &settings)
        let before = settings
        settings.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
        defer {
            var restored = before
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &restored)
            message("")
        }
        guard let line = readLine(strippingNewline: true), !line.isEmpty else { throw CommandFailure("no \(prompt) was typed") }
        return line
    }
}

import Foundation
import Platform
import Reputation
import Testing
import WalletSite

@Suite("Files of a wallet") struct WalletFilesTests {
    private func withFolder(_ files: [String: [UInt8]], _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("symbolon-wallet-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, content) in files {
            let file = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(content).write(to: file)
        }
        try body(folder.path)
    }

    private let page: [String: [UInt8]] = ["index.html": Array("<!doctype html>".utf8)]

    @Test("What is in the folder is served under its name, and nothing else")
    func names() throws {
        let files = ["page/app.js": Array("x".utf8), "messages/zh-Hant.json": Array("{}".utf8), "core.wasm": [0, 0x61, 0x73, 0x6D]]
        try withFolder(page.merging(files) { $1 }) { folder in
            let wallet = try WalletFiles(folder: folder)
            #expect(wallet["/"]?.content == page["index.html"] && wallet["/index.html"]?.content == page["index.html"])
            #expect(wallet["/page/app.js"]?.content == files["page/app.js"])
            for path in [
                "", "index.html", "/page", "/page/", "/page/../index.html", "//index.html", "/index.html/", "/%69ndex.html",
                "/page/app.js?x", "/../\(URL(fileURLWithPath: folder).lastPathComponent)/index.html", "/INDEX.HTML", "/core.wasm.gz",
            ] {
                #expect(wallet[path] == nil, "\(path)")
            }
            #expect(wallet["/"]?.type == "text/html; charset=utf-8" && wallet["/page/app.js"]?.type == "text/javascript; charset=utf-8")
            #expect(wallet["/core.wasm"]?.type == "application/wasm" && wallet["/messages/zh-Hant.json"]?.type == "application/json")
            // What comes later is not there.
            try Data("late".utf8).write(to: URL(fileURLWithPath: folder + "/late.js"))
            try Data("changed".utf8).write(to: URL(fileURLWithPath: folder + "/index.html"))
            #expect(wallet["/late.js"] == nil && wallet["/"]?.content == page["index.html"])
        }
    }

    @Test("A compressed twin goes with its file, and alone it is a file")
    func compressed() throws {
        let files: [String: [UInt8]] = ["a.js": [1, 2, 3], "a.js.gz": [0x1F, 0x8B], "b.gz": [4]]
        try withFolder(page.merging(files) { $1 }) { folder in
            let wallet = try WalletFiles(folder: folder)
            #expect(wallet["/a.js"]?.compressed == [0x1F, 0x8B] && wallet["/a.js"]?.content == [1, 2, 3])
            #expect(wallet["/a.js.gz"] == nil && wallet["/b.gz"]?.content == [4] && wallet["/b.gz"]?.compressed == nil)
        }
    }

    @Test("Only what is named by its own hash is kept for ever")
    func caching() throws {
        let content = Array("export {}".utf8)
        let digest = Hex.text(SHA256.hash(content))
        let other = Hex.text(SHA256.hash([1]))
        let forEver = ["a.\(digest).js", "b-\(digest.prefix(16)).js", "\(digest.prefix(12)).js"]
        let asked = ["c.\(digest.prefix(8)).js", "d.\(other).js", "e.js", "f.\(digest)0.js", "\(digest.prefix(16))/g.js"]
        try withFolder(page.merging((forEver + asked).map { ($0, content) }) { $1 }) { folder in
            let wallet = try WalletFiles(folder: folder)
            for name in forEver { #expect(wallet["/" + name]?.caching == "public, max-age=31536000, immutable", "\(name)") }
            for name in asked + ["index.html"] { #expect(wallet["/" + name]?.caching == "no-cache", "\(name)") }
            #expect(wallet["/e.js"]?.tag != wallet["/index.html"]?.tag && wallet["/e.js"]?.tag == wallet["/d.\(other).js"]?.tag)
        }
    }

    @Test("A folder with what no wallet has is refused")
    func refusals() throws {
        #expect(throws: WalletFiles.Failure.unreadable("/nowhere/")) { try WalletFiles(folder: "/nowhere") }
        try withFolder(["a.js": [1]]) { folder in
            #expect(throws: WalletFiles.Failure.noPage(folder)) { try WalletFiles(folder: folder) }
        }
        for name in [".env", ".git/config", "a b.js", "ü.js", "a%2e.js"] {
            try withFolder(page.merging([name: [1]]) { $1 }) { folder in
                #expect(throws: WalletFiles.Failure.self, "\(name)") { try WalletFiles(folder: folder) }
            }
        }
        try withFolder(page) { folder in
            try FileManager.default.createSymbolicLink(atPath: folder + "/passwd.txt", withDestinationPath: "/etc/passwd")
            #expect(throws: WalletFiles.Failure.foreign(folder + "/passwd.txt")) { try WalletFiles(folder: folder) }
        }
        try withFolder(page.merging([(0..<9).map { "d\($0)" }.joined(separator: "/") + "/a.js": [1]]) { $1 }) { folder in
            #expect(throws: WalletFiles.Failure.tooMuch(folder)) { try WalletFiles(folder: folder) }
        }
        let many = (0..<WalletFiles.greatestCount).map { ("\($0).js", [UInt8(1)]) }
        try withFolder(page.merging(many) { $1 }) { folder in
            #expect(throws: WalletFiles.Failure.tooMuch(folder)) { try WalletFiles(folder: folder) }
        }
    }
}

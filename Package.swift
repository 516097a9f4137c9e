// swift-tools-version: 6.1
import PackageDescription

// SYMBOLON_CORE=1 leaves out everything that needs a package: the core builds and is tested without the web stack.
let coreOnly = Context.environment["SYMBOLON_CORE"] != nil

// The core's arithmetic is some 450 times slower without optimisation: optimise it in debug builds too.
let core: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

var targets: [Target] = [
    .systemLibrary(name: "CGMP", pkgConfig: "gmp", providers: [.apt(["libgmp-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "CPlatform"),
    .target(name: "CLanes"),
    .target(name: "Platform", dependencies: ["CPlatform", "COpenSSL"], swiftSettings: core),
    .target(name: "BigIntegers", dependencies: ["CGMP"], swiftSettings: core),
    .target(name: "Curves", dependencies: ["Platform", "CPlatform", "CLanes", "COpenSSL"], swiftSettings: core),
    .target(name: "Proofs", dependencies: ["Curves", "Platform"], swiftSettings: core),
    .target(name: "Circuits", dependencies: ["Proofs", "Curves"], path: "Circuits", swiftSettings: core),
    .target(name: "Membership", dependencies: ["Circuits", "Proofs", "Curves", "Platform"], swiftSettings: core),
    .target(name: "Reputation", dependencies: ["Membership", "Proofs", "Curves", "Platform"], swiftSettings: core),
    .target(name: "TestSupport", dependencies: ["BigIntegers", "Curves"], path: "Tests/TestSupport", swiftSettings: core),
    .testTarget(name: "BigIntegersTests", dependencies: ["BigIntegers", "Curves"]),
    .testTarget(name: "PlatformTests", dependencies: ["Platform"]),
    .testTarget(name: "CurvesTests", dependencies: ["Curves", "BigIntegers", "TestSupport", "COpenSSL"]),
    .testTarget(name: "ProofsTests", dependencies: ["Proofs", "Curves", "BigIntegers", "TestSupport"]),
    .testTarget(name: "MembershipTests", dependencies: ["Membership", "Circuits", "Proofs", "TestSupport"]),
    .testTarget(name: "ReputationTests", dependencies: ["Reputation", "Membership", "TestSupport"]),
]
var dependencies: [Package.Dependency] = []

// Scripts/check-leaks runs this under valgrind.
if Context.environment["SYMBOLON_LEAKCHECK"] != nil {
    targets.append(.executableTarget(name: "leak-check", dependencies: ["BigIntegers"], path: "Tests/LeakCheck"))
}

// Tests/WalletWeb/buckets.test.mjs serves what this writes; Scripts/large-log builds it.
if Context.environment["SYMBOLON_LARGELOG"] != nil {
    targets.append(
        .executableTarget(name: "large-log", dependencies: ["Reputation", "Membership", "Curves", "Platform"], path: "Tests/LargeLog"))
}

// Scripts/check-constant-time disassembles this and runs it under valgrind, whose header it needs.
if Context.environment["SYMBOLON_CTIME"] != nil {
    targets += [
        .target(name: "CMemcheck", path: "Tests/ConstantTime/CMemcheck"),
        .executableTarget(
            name: "ConstantTime", dependencies: ["CMemcheck", "Curves", "Platform", "Proofs"], path: "Tests/ConstantTime/Check"),
    ]
}

if !coreOnly {
    dependencies += [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.24.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["JSON"]),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.29.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.92.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    ]
    targets += [
        .systemLibrary(name: "CQREncode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
        .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(name: "APIDescription", resources: [.embedInCode("openapi.json")]),
        .target(
            name: "Operations",
            dependencies: [
                .product(name: "Logging", package: "swift-log"), .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        .target(
            name: "VerifierService",
            dependencies: [
                "APIDescription", "Operations", "Reputation", "Membership", "Curves", "Platform", "CPostgreSQL",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "GRDB", package: "GRDB.swift"), .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"), .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Metrics", package: "swift-metrics"), .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .target(
            name: "SignIn",
            dependencies: [
                "CQREncode", "VerifierService", "Reputation", "Platform", .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"), .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "Mustache", package: "swift-mustache"), .product(name: "NIOCore", package: "swift-nio"),
            ],
            resources: [.embedInCode("Pages")]),
        .target(
            name: "Console",
            dependencies: [
                "SignIn", "VerifierService", "Reputation", "Platform", .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "CryptoExtras", package: "swift-crypto"), .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"), .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ],
            resources: [.embedInCode("Pages")]),
        .target(
            name: "WalletSite",
            dependencies: [
                "VerifierService", "Operations", "Reputation", "Platform", .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"), .product(name: "Logging", package: "swift-log"),
            ]),
        .target(
            name: "DemoForum",
            dependencies: [
                "SignIn", "VerifierService", "Reputation", "Platform", .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"), .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Mustache", package: "swift-mustache"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"), .product(name: "Logging", package: "swift-log"),
            ],
            resources: [.embedInCode("Pages")]),
        .executableTarget(
            name: "symbolon",
            dependencies: [
                "Console", "DemoForum", "WalletSite", "SignIn", "VerifierService", "Operations", "Reputation", "Membership", "Proofs",
                "Curves", "Platform",
                .product(name: "ArgumentParser", package: "swift-argument-parser"), .product(name: "Logging", package: "swift-log"),
                .product(name: "Configuration", package: "swift-configuration"), .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),
        // A process of its own for the tests to kill while it spends.
        .executableTarget(
            name: "StoreExerciser", dependencies: ["VerifierService", "Reputation", "Platform"], path: "Tests/StoreExerciser"),
        .target(name: "StoreSupport", dependencies: ["VerifierService"], path: "Tests/StoreSupport"),
        .testTarget(
            name: "OperationsTests",
            dependencies: [
                "Operations", .product(name: "Metrics", package: "swift-metrics"), .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "VerifierServiceTests",
            dependencies: ["VerifierService", "Reputation", "Membership", "Curves", "StoreExerciser", "StoreSupport"]),
        .testTarget(
            name: "SignInTests", dependencies: ["SignIn", "VerifierService", "Reputation", "Membership", "Platform", "StoreSupport"]),
        .testTarget(name: "WalletSiteTests", dependencies: ["WalletSite", "Reputation", "Platform"]),
        .testTarget(name: "ConsoleTests", dependencies: ["Console", "SignIn", "VerifierService", "Reputation", "StoreSupport"]),
        .testTarget(name: "CommandLineTests", dependencies: ["symbolon", "StoreSupport"]),
    ]
}

// What the Benchmarks package measures.
let products: [Product] = [
    .library(name: "SymbolonCore", targets: ["BigIntegers", "Platform", "Curves", "Proofs", "Circuits", "Membership", "Reputation"])
]

let package = Package(name: "symbolon", products: products, dependencies: dependencies, targets: targets, swiftLanguageModes: [.v6])

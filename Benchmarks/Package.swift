// swift-tools-version: 6.1
import PackageDescription

// Kernels of the core, beside libsecp256k1 and GMP as yardsticks in the same run. Scripts/benchmark runs it.
let package = Package(
    name: "benchmarks",
    dependencies: [
        .package(name: "symbolon", path: ".."),
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .systemLibrary(
            name: "CSecp256k1", path: "Sources/CSecp256k1", pkgConfig: "libsecp256k1", providers: [.apt(["libsecp256k1-dev"])]),
        .executableTarget(
            name: "Core",
            dependencies: [
                "CSecp256k1", .product(name: "SymbolonCore", package: "symbolon"), .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Benchmarks/Core", plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ],
    swiftLanguageModes: [.v6]
)

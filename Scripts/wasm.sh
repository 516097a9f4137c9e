# Sourced by check-wasm and build-wallet, in the repository's top: compiles the Swift modules that the browser wallet is made of for WebAssembly
# with Embedded Swift. Objects stay in `.build/wasm`, or in $SYMBOLON_WASM; a module is compiled again only when its sources, the flags, the
# compiler or a module below it are others than they were, by a digest of their contents: so several scripts in one tree compile once.
#
# SYMBOLON_SWIFTC names another compiler than the one in the path.

swiftc=${SYMBOLON_SWIFTC:-swiftc}
tools=$(dirname "$(readlink -f "$(command -v "$swiftc")")")
wasm=${SYMBOLON_WASM:-.build/wasm}
mkdir -p "$wasm"

# Without incremental code generation: for it the compiler keeps a digest in each object, into which the path of the sources goes, and the linker takes
# that over. With it two clones would give two modules.
wasm_flags=(
    -target wasm32-unknown-none-wasm -enable-experimental-feature Embedded -enable-experimental-feature Extern
    -swift-version 6 -package-name symbolon -wmo -Osize -parse-as-library -Xfrontend -disable-stack-protector
    -Xfrontend -disable-incremental-llvm-codegen
    -I "$wasm" -I Sources/CPlatform/include
)
clang_flags=(--target=wasm32-unknown-none-wasm -O2 -ffreestanding -nostdlib -Wall -Werror)
link_flags=(--no-entry --gc-sections --strip-all -z stack-size=1048576)

# Each module, its folders and files, and the modules that it stands on, in the order of compiling.
declare -A wasm_folder=(
    [Platform]=Sources/Platform [Curves]=Sources/Curves [Proofs]=Sources/Proofs [Circuits]=Circuits [Membership]=Sources/Membership
    [Reputation]=Sources/Reputation [WalletWeb]=Sources/WalletWeb [WasmCheck]="Tests/WasmCheck Sources/symbolon/Protocol/FullPath.swift"
)
declare -A wasm_below=(
    [Platform]='' [Curves]=Platform [Proofs]='Platform Curves' [Circuits]='Platform Curves Proofs'
    [Membership]='Platform Curves Proofs Circuits' [Reputation]='Platform Curves Proofs Circuits Membership'
    [WalletWeb]='Platform Curves Proofs Circuits Membership Reputation' [WasmCheck]='Platform Curves Proofs Circuits Membership Reputation'
)

# wasm_sources MODULE: its Swift files, one a line, in a fixed order.
wasm_sources() { find ${wasm_folder[$1]} -name '*.swift' ! -name Package.swift | LC_ALL=C sort; }

# wasm_key MODULE: digest of all that its object depends on.
wasm_key() {
    local module=$1 below
    {
        "$swiftc" --version 2>/dev/null
        printf '%s\n' "${wasm_flags[@]}"
        find Sources/CPlatform/include -type f | LC_ALL=C sort | xargs -d '\n' sha256sum
        wasm_sources "$module" | xargs -d '\n' sha256sum
        for below in ${wasm_below[$module]}; do cat "$wasm/$below.key"; done
    } | sha256sum
}

# wasm_module MODULE: its module and object from all Swift files of its folder, unless they are there already.
wasm_module() {
    local module=$1 key files start=$SECONDS
    key=$(wasm_key "$module")
    if [ -f "$wasm/$module.o" ] && [ "$(cat "$wasm/$module.key" 2>/dev/null)" = "$key" ]; then return 0; fi
    rm -f "$wasm/$module.key"
    mapfile -t files < <(wasm_sources "$module")
    if ! "$swiftc" "${wasm_flags[@]}" -module-name "$module" -emit-module -emit-module-path "$wasm/$module.swiftmodule" \
        -c "${files[@]}" -o "$wasm/$module.o"; then
        echo "$module does not compile for wasm32 with Embedded Swift" >&2
        return 1
    fi
    echo "$key" >"$wasm/$module.key"
    echo "wasm: $module compiled ($((SECONDS - start)) s)" >&2
}

# wasm_build MODULE...: these modules and all below them. Only the modules given can be compiled side by side: the others each stand on the
# one before.
wasm_build() {
    local below module running=()
    for below in ${wasm_below[$1]}; do wasm_module "$below" || return 1; done
    for module in "$@"; do
        wasm_module "$module" &
        running+=($!)
    done
    for module in "${running[@]}"; do wait "$module" || return 1; done
}

# wasm_link MODULE FILE [OBJECT...]: links a module, those below it, the C support and further objects to a WebAssembly file.
wasm_link() {
    local module=$1 file=$2 objects=() below
    shift 2
    for below in ${wasm_below[$module]} "$module"; do objects+=("$wasm/$below.o"); done
    "$tools/clang" "${clang_flags[@]}" -c Sources/WalletWeb/support.c -o "$wasm/support.o"
    if ! "$tools/wasm-ld" "${objects[@]}" "$wasm/support.o" "$@" "${link_flags[@]}" -o "$file"; then
        echo "$module does not link; a module needs something that the browser does not have" >&2
        return 1
    fi
}

# Sourced by the scripts beside it: goes to the repository's top and sees that what the build needs is there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() { printf '%s\n' "$*" >&2; exit 2; }
step() { printf '\n== %s\n' "$*" >&2; }

# Installs Debian or Ubuntu packages that are missing; without the right to, says which ones somebody has to install.
need_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    step "Installing ${missing[*]}"
    if [ "$(id -u)" -ne 0 ]; then
        fail "These packages are missing: ${missing[*]}. Ask someone with the right to: apt-get install ${missing[*]}"
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y --no-install-recommends "${missing[@]}" >&2 || { apt-get update >&2 && apt-get install -y --no-install-recommends "${missing[@]}" >&2; } ||
        fail "apt-get could not install ${missing[*]}"
}

programs=.build/end-to-end
# virtual_environment NAME: Python's packages in $programs/NAME, exactly what the requirements say; made anew when they change.
virtual_environment() {
    local wanted=Tests/EndToEnd/requirements/$1.txt made=$programs/$1
    cmp -s "$wanted" "$made/requirements.txt" && return
    step "Installing what stands in $wanted"
    rm -rf "$made"
    python3 -m venv "$made" && "$made/bin/pip" install --quiet --no-deps --disable-pip-version-check -r "$wanted" >&2 ||
        fail "the packages in $wanted cannot be installed"
    cp "$wanted" "$made/requirements.txt"
}

command -v swift >/dev/null || fail "Swift 6.3 or newer is needed and not found; see https://www.swift.org/install/linux/"
if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then
    need_packages libgmp-dev libssl-dev libsqlite3-dev libpq-dev libqrencode-dev pkg-config
else
    for library in gmp libcrypto sqlite3 libpq libqrencode; do
        pkg-config --exists "$library" 2>/dev/null || fail "The development files of $library are needed (GMP, OpenSSL 3, SQLite 3, libpq, libqrencode) and not found by pkg-config."
    done
fi

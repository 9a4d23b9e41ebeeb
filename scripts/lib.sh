# Shared by the scripts here: where things are, and one lock a download. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${DEMARCHE_TEST_CACHE:-$root/.cache}
mkdir -p "$cache/bin"

say() { printf '%s\n' "$*" >&2; }
die() { say "$(basename "$0"): $*"; exit 1; }

# once NAME: waits until nobody else fetches NAME; the lock goes with the process.
once() {
    exec 8>"$cache/.$1.lock"
    flock -w 900 8 || die "another run has been fetching $1 for 15 minutes: see $cache/.$1.lock"
}

# get URL FILE: plain HTTPS with whichever client is there.
get() {
    if command -v curl >/dev/null; then
        curl -fsSL --retry 3 --connect-timeout 20 -o "$2" "$1"
    elif command -v wget >/dev/null; then
        wget -q -t 3 -T 20 -O "$2" "$1"
    else
        die "neither curl nor wget is here: apt-get install curl"
    fi
}

# find_tool NAME VARIABLE: prints the path, looking in the variable, in PATH and in the cache.
find_tool() {
    local given=${!2:-}
    if [ -n "$given" ]; then
        [ -x "$given" ] || die "$2=$given is not a program that can be run"
        printf '%s\n' "$given"
    elif command -v "$1" >/dev/null; then
        command -v "$1"
    elif [ -x "$cache/bin/$1" ]; then
        printf '%s\n' "$cache/bin/$1"
    else
        return 1
    fi
}

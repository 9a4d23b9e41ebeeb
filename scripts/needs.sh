# needs_to_build: returns where all is there that the build needs; else says the one line that installs it. Sourced.

needs_to_build() {
    local missing=() line="" sudo="sudo "
    [ "$(id -u)" = 0 ] && sudo=""
    export PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"

    for tool in gcc g++ make perl; do command -v $tool >/dev/null || missing+=($tool); done
    # OpenSSL's Configure wants modules that some systems package apart from perl.
    if command -v perl >/dev/null && ! perl -MFindBin -MIPC::Cmd -e 1 2>/dev/null; then
        missing+=(perl-core)
    fi

    if [ ${#missing[@]} -gt 0 ]; then
        if command -v apt-get >/dev/null; then
            line="${sudo}apt-get update && ${sudo}apt-get install -y gcc g++ make perl curl ca-certificates"
        elif command -v dnf >/dev/null; then
            line="${sudo}dnf install -y gcc gcc-c++ make perl-core"
        elif command -v apk >/dev/null; then
            line="${sudo}apk add gcc g++ make perl musl-dev linux-headers"
        elif command -v pacman >/dev/null; then
            line="${sudo}pacman -S --needed gcc make perl"
        elif command -v zypper >/dev/null; then
            line="${sudo}zypper install -y gcc gcc-c++ make perl"
        elif [ "$(uname)" = Darwin ]; then
            line="xcode-select --install"
        else
            line="(with your package manager) gcc, g++, make and perl"
        fi
    fi
    local rust="curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y && . \"\$HOME/.cargo/env\""
    if ! command -v cargo >/dev/null; then
        missing+=(cargo)
        line="${line:+$line && }$rust"
    elif ! rust_is_new; then
        missing+=("rust $(needed_rust) or newer (here: $(rustc --version))")
        if command -v rustup >/dev/null; then line="${line:+$line && }rustup update stable"; else line="${line:+$line && }$rust"; fi
    fi

    [ ${#missing[@]} -eq 0 ] && return 0
    printf 'Missing: %s\nThis installs what is needed:\n\n    %s\n\n' "$(IFS=,; echo "${missing[*]}" | sed 's/,/, /g')" "$line" >&2
    exit 1
}

needed_rust() { sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml; }

rust_is_new() {
    local here
    here=$(rustc --version 2>/dev/null | sed -n 's/^rustc \([0-9.]*\).*/\1/p')
    [ "$(printf '%s\n%s\n' "$(needed_rust)" "$here" | sort -V | head -n 1)" = "$(needed_rust)" ]
}

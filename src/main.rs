//! The `demarche` command; see `demarche --help`.

fn main() -> std::process::ExitCode {
    demarche::cli::main()
}

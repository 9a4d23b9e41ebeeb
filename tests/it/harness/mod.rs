//! What integration tests stand on: real servers on free loopback ports, the built daemon, waiting with a deadline.
#![allow(dead_code)] // Each part is used by the tests that need it; a part on its own is no fault.

pub mod alertmanager;
pub mod axe;
pub mod chromium;
pub mod daemon;
pub mod http;
pub mod http_sink;
pub mod kafka;
pub mod process;
pub mod prometheus;
pub mod secure;

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A real part, `Ok` or why it cannot be had. Without it the test ends: visible to a person, a failure where `CI=true`.
/// Written past the capture of `cargo test`, so that nobody takes a skipped test for a passed one unawares.
macro_rules! real {
    ($part:expr) => {
        match $part {
            Ok(part) => part,
            Err(why) => {
                $crate::harness::skip(&why.to_string());
                return;
            }
        }
    };
}
pub(crate) use real;

/// See [`real!`].
pub fn skip(why: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    assert!(std::env::var("CI").as_deref() != Ok("true"), "skipped in CI: {test}: {why}");
    let _ = writeln!(std::io::stderr(), "skipped: {test}: {why}");
}

/// Polls `look` until it returns a value; fails with `what` once `deadline` has passed.
pub fn wait_until<T>(deadline: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + deadline;
    loop {
        if let Some(value) = look() {
            return value;
        }
        assert!(Instant::now() < end, "not within {deadline:?}: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A loopback port that was free a moment ago.
pub fn free_port() -> u16 {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
    socket.local_addr().expect("its address").port()
}

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The ignored folder that `tests/run` fills.
pub fn cache() -> PathBuf {
    std::env::var_os("DEMARCHE_TEST_CACHE").map_or_else(|| root().join(".cache"), PathBuf::from)
}

/// A program: in the variable, in PATH, in `.cache/bin`, in this order. `Err` says what would bring it.
pub fn find_tool(names: &[&str], variable: &str) -> Result<PathBuf, String> {
    if let Some(given) = std::env::var_os(variable).filter(|v| !v.is_empty()) {
        return Ok(PathBuf::from(given));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([cache().join("bin")]);
    folders
        .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
        .find(|file| file.is_file())
        .ok_or_else(|| format!("no {} here; tests/run fetches it, or set {variable}", names[0]))
}

/// A folder of its own under `target/tmp`.
pub fn new_dir(name: &str) -> PathBuf {
    let parent = Path::new(env!("CARGO_TARGET_TMPDIR"));
    std::fs::create_dir_all(parent).expect("target/tmp");
    tempfile::Builder::new().prefix(&format!("{name}-")).tempdir_in(parent).expect("a new folder").keep()
}

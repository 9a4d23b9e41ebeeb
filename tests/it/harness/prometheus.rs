//! A real Prometheus with a configuration of the test's, and promtool.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use super::http;
use super::process::Process;

/// The program, or what is missing.
pub fn promtool() -> Result<PathBuf, String> {
    super::find_tool(&["promtool"], "DEMARCHE_TEST_PROMTOOL")
}

/// Runs promtool with `input` on its standard input.
pub fn run_promtool(arguments: &[&str], input: &str) -> Result<Output, String> {
    let dir = super::new_dir("promtool");
    let file = dir.join("input");
    std::fs::write(&file, input).expect("a file");
    let output = Command::new(promtool()?)
        .args(arguments)
        .current_dir(super::root())
        .stdin(std::fs::File::open(&file).expect("the file"))
        .output()
        .map_err(|e| e.to_string());
    let _ = std::fs::remove_dir_all(dir);
    output
}

pub struct Prometheus {
    pub address: String,
    process: Process,
}

impl Prometheus {
    /// Starts with `config` (the whole `prometheus.yml`; further files are named by absolute path).
    pub fn start(config: &str) -> Result<Self, String> {
        let program = super::find_tool(&["prometheus"], "DEMARCHE_TEST_PROMETHEUS")?;
        let dir = super::new_dir("prometheus");
        let file = dir.join("prometheus.yml");
        std::fs::write(&file, config).map_err(|e| e.to_string())?;
        let address = format!("127.0.0.1:{}", super::free_port());
        let process = Process::start(
            &dir,
            &[
                path(&program),
                &format!("--config.file={}", path(&file)),
                &format!("--storage.tsdb.path={}", path(&dir.join("data"))),
                &format!("--web.listen-address={address}"),
            ],
        );
        let prometheus = Self { address, process };
        super::wait_until(Duration::from_secs(30), "Prometheus is ready", || {
            prometheus.process.assert_alive();
            http::get(&prometheus.address, "/-/ready").ok().filter(|a| a.status == 200)
        });
        Ok(prometheus)
    }

    /// The result vector of an instant query (percent-encoded by the caller).
    pub fn query(&self, encoded: &str) -> serde_json::Value {
        let answer =
            http::get(&self.address, &format!("/api/v1/query?query={encoded}")).expect("Prometheus answers");
        answer.json()["data"]["result"].clone()
    }

    /// Any part of its API, as JSON.
    pub fn api(&self, path: &str) -> serde_json::Value {
        http::get(&self.address, path).expect("Prometheus answers").json()
    }

    pub fn log(&self) -> String {
        self.process.log()
    }
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

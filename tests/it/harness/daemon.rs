//! The built `demarche` binary as a process: with a configuration file, its log, its signals and its listeners.

use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use super::http;

/// A command line of the built binary, without the environment's `DEMARCHE_…` settings.
pub fn demarche() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demarche"));
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|n| n.starts_with("DEMARCHE_") && !n.starts_with("DEMARCHE_TEST_")) {
            command.env_remove(name);
        }
    }
    command
}

/// A running daemon; killed when dropped.
pub struct Daemon {
    child: Child,
    dir: PathBuf,
    pub ops: String,
    pub http: String,
}

impl Daemon {
    /// `demarche run` with `config` (TOML) as its file and both listeners on free ports; further `arguments` follow.
    pub fn start(config: &str, arguments: &[&str]) -> Self {
        let dir = super::new_dir("daemon");
        let file = dir.join("demarche.toml");
        std::fs::write(&file, config).expect("a file");
        let [ops, http] = [(); 2].map(|()| format!("127.0.0.1:{}", super::free_port()));
        let log = std::fs::File::create(dir.join("log")).expect("a file");
        let child = demarche()
            .args(["run", "--config"])
            .arg(&file)
            .args(arguments)
            .env("DEMARCHE_OPS_LISTEN", &ops)
            .env("DEMARCHE_HTTP_LISTEN", &http)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second handle"))
            .stderr(log)
            .spawn()
            .expect("the binary starts");
        Self { child, dir, ops, http }
    }

    /// Everything that it has written to stdout and stderr.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.dir.join("log")).unwrap_or_default()).into_owned()
    }

    /// Waits until `/readyz` answers 200; fails with the log where it does not, or where the daemon ended.
    pub fn wait_ready(&mut self, deadline: Duration) {
        let end = std::time::Instant::now() + deadline;
        super::wait_until(deadline * 2, "ready", || {
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("ended with {status} before it was ready; its log:\n{}", self.log());
            }
            let answer = http::get(&self.ops, "/readyz");
            let late = std::time::Instant::now() > end;
            assert!(!late, "not ready in {deadline:?}: {answer:?}; its log:\n{}", self.log());
            answer.ok().filter(|a| a.status == 200)
        });
    }

    /// `/metrics` as text; empty where nobody answers.
    pub fn metrics(&self) -> String {
        http::get(&self.ops, "/metrics").map(|a| a.body).unwrap_or_default()
    }

    /// The sum of the samples of `name` whose labels contain all of `labels` (`kind="contact"`).
    pub fn metric(&self, name: &str, labels: &[&str]) -> f64 {
        sum_of(&self.metrics(), name, labels)
    }

    /// Its exit status, where it has ended by itself.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// SIGKILL, and waits for the end.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let _ = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
    }

    /// Resident memory; 0 where the system does not say.
    pub fn resident_mib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
        let kib = line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok());
        kib.unwrap_or(0) / 1_024
    }

    /// SIGTERM, then the exit status, within the deadline.
    pub fn stop(mut self, deadline: Duration) -> ExitStatus {
        self.signal("TERM");
        self.wait(deadline)
    }

    /// Waits for it to end by itself.
    pub fn wait(&mut self, deadline: Duration) -> ExitStatus {
        super::wait_until(deadline, "the daemon ends", || self.child.try_wait().expect("a child"))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- log of the daemon ({})\n{}", self.dir.display(), self.log());
        } else {
            let _ = std::fs::remove_dir_all(&self.dir);
        }
    }
}

/// Sum of matching samples in Prometheus' text format.
pub fn sum_of(metrics: &str, name: &str, labels: &[&str]) -> f64 {
    let lines = metrics.lines().filter(|l| !l.starts_with('#'));
    let ours = lines.filter_map(|l| l.rsplit_once(' ')).filter(|(series, _)| {
        let (head, rest) = series.split_once('{').unwrap_or((series, ""));
        head == name && labels.iter().all(|label| rest.contains(label))
    });
    ours.filter_map(|(_, value)| value.parse::<f64>().ok()).sum()
}

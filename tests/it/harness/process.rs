//! A child process that cannot outlive the test binary, with its log and its signals.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A server under `supervise.sh`: ended, and its folder removed, when this is dropped or the test binary dies.
pub struct Process {
    shell: Child,
    pid: String,
    dir: PathBuf,
}

impl Process {
    /// Runs `command` with its output in `dir/log`.
    pub fn start(dir: &Path, command: &[&str]) -> Self {
        let mut shell = Command::new(super::root().join("tests/it/supervise.sh"))
            .arg(dir)
            .args(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("supervise.sh starts");
        let mut pid = String::new();
        let stdout = shell.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut pid).expect("the pid");
        Self { shell, pid: pid.trim().into(), dir: dir.into() }
    }

    /// Sends a signal by its name (`STOP`, `CONT`, `KILL`, `TERM`).
    pub fn signal(&self, name: &str) {
        let kill = Command::new("kill").args(["-s", name, &self.pid]).stderr(Stdio::null()).status();
        assert!(
            kill.is_ok_and(|status| status.success()),
            "no process for SIG{name}; its log:\n{}",
            self.log()
        );
    }

    /// Fails with its log where it has ended by itself: no use in waiting for it any longer.
    pub fn assert_alive(&self) {
        let status = Command::new("ps").args(["-o", "stat=", "-p", &self.pid]).output();
        let ended = status.is_ok_and(|o| o.stdout.is_empty() || o.stdout.starts_with(b"Z"));
        assert!(!ended, "it ended; its log:\n{}", self.log());
    }

    /// What it has written so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.dir.join("log")).unwrap_or_default()).into_owned()
    }

    /// Ends it and keeps its folder, for a restart.
    pub fn end_and_keep(mut self) {
        let mut stdin = self.shell.stdin.take().expect("a pipe");
        let _ = stdin.write_all(b"keep\n");
        drop(stdin);
        let _ = self.shell.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

//! What systemd is told (`sd_notify`): that the listeners are bound, how the daemon is, and that it is alive.

use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::Arc;
use std::time::Duration;

use super::shared::Shared;

/// Where no watchdog is asked for, the status is still told so often.
const STATUS_EVERY: Duration = Duration::from_secs(10);

/// The socket of the service manager.
struct Manager {
    socket: UnixDatagram,
    address: SocketAddr,
}

impl Manager {
    /// `name` is the value of `NOTIFY_SOCKET`: a path, or an abstract name behind an `@`.
    fn connect(name: &str) -> Option<Self> {
        let address = match name.strip_prefix('@') {
            Some(hidden) => SocketAddr::from_abstract_name(hidden),
            None => SocketAddr::from_pathname(name),
        };
        Some(Self { socket: UnixDatagram::unbound().ok()?, address: address.ok()? })
    }

    fn tell(&self, state: &str) {
        if let Err(error) = self.socket.send_to_addr(state.as_bytes(), &self.address) {
            tracing::debug!(%error, "the service manager does not listen");
        }
    }
}

/// One line for `systemctl status`.
fn status(shared: &Shared) -> String {
    match shared.health.problems().first() {
        None => "ready".to_owned(),
        Some(problem) => {
            let reason: String =
                problem.reason.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            format!("{}: {reason}", problem.check)
        }
    }
}

/// Tells the manager until the daemon stops; the watchdog is fed only while the daemon is alive. Does nothing without
/// a manager.
pub async fn tell(shared: Arc<Shared>) {
    let Some(manager) = std::env::var("NOTIFY_SOCKET").ok().and_then(|name| Manager::connect(&name)) else {
        return;
    };
    let watchdog =
        std::env::var("WATCHDOG_USEC").ok().and_then(|text| text.parse().ok()).map(Duration::from_micros);
    let every = watchdog.map_or(STATUS_EVERY, |w| (w / 3).min(STATUS_EVERY));
    let mut ticks = tokio::time::interval(every.max(Duration::from_millis(10)));
    let mut first = true;
    loop {
        ticks.tick().await;
        if shared.is_stopping() {
            manager.tell("STOPPING=1\nSTATUS=finishing the work in hand");
            return;
        }
        let mut state = format!("STATUS={}", status(&shared));
        if std::mem::take(&mut first) {
            state.push_str("\nREADY=1");
        }
        if shared.health.is_alive() {
            state.push_str("\nWATCHDOG=1");
        }
        manager.tell(&state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manager_hears_what_it_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notify");
        let heard = UnixDatagram::bind(&path).unwrap();
        Manager::connect(path.to_str().unwrap()).unwrap().tell("READY=1");
        let mut buffer = [0; 64];
        let length = heard.recv(&mut buffer).unwrap();
        assert_eq!(&buffer[..length], b"READY=1");
        assert!(Manager::connect("@demarche-test").is_some());
    }
}

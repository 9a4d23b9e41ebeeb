//! Listeners with limits: who may be bound where, how many connections, how long a request may take to come in.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use futures::FutureExt as _;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// What one listener accepts.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at a time; more wait in the kernel's queue.
    pub connections: usize,
    /// A request's head has to be in by then: the answer to slow-loris.
    pub header_time: Duration,
    /// Bytes of a request's head.
    pub header_bytes: usize,
    /// Header fields of a request.
    pub header_count: usize,
    /// Open connections get this long to finish when the listener is told to stop.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 512,
            header_time: Duration::from_secs(10),
            header_bytes: 32 * 1_024,
            header_count: 64,
            drain: Duration::from_secs(5),
        }
    }
}

/// How the `http` listener is protected, where it is not bound to loopback.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// Nothing but loopback: no tokens, no client certificates.
    Loopback,
    /// Tokens or client certificates are asked for.
    Protected,
    /// Open to whoever reaches it, because the settings say so in words (`http.allow_open = true`); also the `ops`
    /// listener, which has nothing to hide.
    Open,
}

/// A listener that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    #[error(
        "{name}: {address} is not loopback, and there are neither tokens nor client certificates: set http.tokens, bind 127.0.0.1, or say http.allow_open = true"
    )]
    Exposed { name: &'static str, address: SocketAddr },
    #[error("{name}: cannot listen on {address}: {source}")]
    Listen { name: &'static str, address: SocketAddr, source: std::io::Error },
}

fn is_loopback(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_loopback(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.to_ipv4_mapped().is_some_and(|v4| v4.is_loopback()),
    }
}

/// Binds `address`; `name` is the listener's in the settings.
///
/// # Errors
/// See [`BindError`]; `Exposed` is bad configuration.
pub async fn bind(name: &'static str, address: SocketAddr, reach: Reach) -> Result<TcpListener, BindError> {
    if reach == Reach::Loopback && !is_loopback(address.ip()) {
        return Err(BindError::Exposed { name, address });
    }
    TcpListener::bind(address).await.map_err(|source| BindError::Listen { name, address, source })
}

/// Serves until `stop` turns true, then lets open connections finish within `limits.drain`.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, mut stop: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(limits.connections));
    let mut connections = JoinSet::new();
    loop {
        // A closed channel is a stop as well.
        let stopped = stop.wait_for(|s| *s).map(|_| ());
        let accepted = tokio::select! {
            () = stopped => break,
            accepted = accept(&listener, &room) => accepted,
            Some(_) = connections.join_next() => continue,
        };
        let Some((stream, permit)) = accepted else { continue };
        let (router, stop) = (router.clone(), stop.clone());
        connections.spawn(async move {
            connection(stream, router, limits, stop).await;
            drop(permit);
        });
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    // What is still open after that is cut when the set is dropped.
    let _ = tokio::time::timeout(limits.drain, all).await;
}

/// The next connection and its place; waits where all places are taken.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let permit = room.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, permit)),
        Err(error) => {
            // Out of file handles, most likely: give those in use time to go.
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(Duration::from_millis(200)).await;
            None
        }
    }
}

async fn connection(stream: TcpStream, router: Router, limits: Limits, mut stop: watch::Receiver<bool>) {
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(router);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_time)
        .max_headers(limits.header_count)
        .max_buf_size(limits.header_bytes)
        .half_close(false)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.wait_for(|s| *s).map(|_| ()) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[tokio::test]
    async fn only_loopback_is_bound_without_protection() {
        let all: SocketAddr = "0.0.0.0:0".parse().unwrap();
        assert!(matches!(bind("http", all, Reach::Loopback).await, Err(BindError::Exposed { .. })));
        assert!(bind("http", all, Reach::Protected).await.is_ok());
        assert!(bind("http", "127.0.0.1:0".parse().unwrap(), Reach::Loopback).await.is_ok());
        assert!(is_loopback("::ffff:127.0.0.1".parse().unwrap()));
    }

    /// Somebody who sends half a head is hung up on, and others are served in the meantime.
    #[tokio::test]
    async fn a_slow_head_is_cut_and_holds_nobody_up() {
        let listener = bind("http", "127.0.0.1:0".parse().unwrap(), Reach::Loopback).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        let router = Router::new().route("/", axum::routing::get(|| async { "here" }));
        let limits = Limits { header_time: Duration::from_millis(200), ..Limits::default() };
        let server = tokio::spawn(serve(listener, router, limits, stopped));
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-").await.unwrap();
        let mut quick = TcpStream::connect(address).await.unwrap();
        quick.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        quick.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("here"), "{answer}");
        let mut rest = String::new();
        slow.read_to_string(&mut rest).await.unwrap();
        assert!(!rest.contains("200 OK"), "{rest}");
        stop.send(true).unwrap();
        server.await.unwrap();
    }

    #[tokio::test]
    async fn a_head_too_large_is_refused() {
        let listener = bind("http", "127.0.0.1:0".parse().unwrap(), Reach::Loopback).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (_stop, stopped) = watch::channel(false);
        let router = Router::new().route("/", axum::routing::get(|| async { "here" }));
        tokio::spawn(serve(listener, router, Limits::default(), stopped));
        let mut client = TcpStream::connect(address).await.unwrap();
        let head = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "a".repeat(60_000));
        let _ = client.write_all(head.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = client.read_to_end(&mut answer).await;
        assert!(!String::from_utf8_lossy(&answer).contains("200 OK"));
    }
}

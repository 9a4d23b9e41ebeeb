//! The least of an HTTP client that tests need: one request, one answer, no pool, no TLS.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Status and body of an answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    /// The body as JSON; fails with the body where it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("no JSON ({e}): {}", self.body))
    }
}

/// `GET path` at `address`; `Err` where nobody answers.
pub fn get(address: &str, path: &str) -> std::io::Result<Answer> {
    send(address, "GET", path, &[], b"")
}

/// `POST path` with a JSON body.
pub fn post(address: &str, path: &str, body: &str) -> std::io::Result<Answer> {
    send(address, "POST", path, &[("content-type", "application/json")], body.as_bytes())
}

/// One request in HTTP/1.0 (so the answer ends with the connection and is never chunked), 10 s at most.
pub fn send(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut head =
        format!("{method} {path} HTTP/1.0\r\nhost: {address}\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    stream.write_all(body)?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
    Ok(Answer { status, head: head.into(), body: body.into() })
}

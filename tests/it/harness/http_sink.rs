//! A receiver for what the daemon sends by HTTP (webhook, Slack, PagerDuty): keeps each request, answers as told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    /// The value of a header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

#[derive(Default)]
struct Shared {
    requests: Vec<Request>,
    /// Statuses for the next requests, first first; then 200 for ever.
    statuses: Vec<(u16, String)>,
}

/// Listens on a free loopback port until the test binary ends.
#[derive(Clone)]
pub struct HttpSink {
    address: String,
    shared: Arc<Mutex<Shared>>,
}

impl HttpSink {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let address = listener.local_addr().expect("its address").to_string();
        let shared = Arc::new(Mutex::new(Shared::default()));
        let sink = Self { address, shared: Arc::clone(&shared) };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &shared));
            }
        });
        sink
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The next request is answered with `status` and these header lines ("retry-after: 1\r\n"); may be queued.
    pub fn answer_next(&self, status: u16, headers: &str) {
        self.shared.lock().expect("not poisoned").statuses.push((status, headers.into()));
    }

    /// All that came so far.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.lock().expect("not poisoned").requests.clone()
    }
}

fn serve(stream: TcpStream, shared: &Mutex<Shared>) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return;
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim().to_lowercase(), value.trim().to_owned()));
        }
    }
    let length =
        headers.iter().find(|(n, _)| n == "content-length").and_then(|(_, v)| v.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let body = String::from_utf8_lossy(&body).into_owned();
    let (status, extra) = {
        let mut shared = shared.lock().expect("not poisoned");
        shared.requests.push(Request { method, path, headers, body });
        if shared.statuses.is_empty() { (200, String::new()) } else { shared.statuses.remove(0) }
    };
    let answer = format!("HTTP/1.1 {status} x\r\n{extra}content-length: 2\r\nconnection: close\r\n\r\nok");
    let _ = reader.into_inner().write_all(answer.as_bytes());
}

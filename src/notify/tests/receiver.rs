//! A local receiver of HTTP that answers as told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::Value;

/// One request: its path, its headers in lower case, its body.
#[derive(Clone, Debug)]
pub struct Request {
    pub path: String,
    pub headers: String,
    pub body: Value,
}

/// The request is taken and its answer is lost.
pub const LOST: u16 = 299;
/// Hangs up before taking the request.
pub const GONE: u16 = 0;

/// Gives status ([`LOST`] and [`GONE`] too), header lines and body.
pub type Answer = dyn Fn(usize, &Request) -> (u16, &'static str, String) + Send + Sync;

pub struct Receiver {
    pub url: String,
    requests: Arc<Mutex<Vec<(Request, u16)>>>,
}

impl Receiver {
    pub fn start(answer: Arc<Answer>) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let list = requests.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &list, &*answer);
            }
        });
        Receiver { url, requests }
    }

    /// What was accepted.
    pub fn accepted(&self) -> Vec<Request> {
        let all = self.requests.lock().unwrap();
        all.iter()
            .filter(|(_, status)| (200..300).contains(status))
            .map(|(request, _)| request.clone())
            .collect()
    }

    pub fn refused(&self) -> usize {
        self.requests.lock().unwrap().iter().filter(|(_, status)| !(200..300).contains(status)).count()
    }
}

fn serve(stream: TcpStream, list: &Mutex<Vec<(Request, u16)>>, answer: &Answer) {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    if reader.read_line(&mut first).unwrap_or(0) == 0 {
        return;
    }
    let path = first.split_whitespace().nth(1).unwrap_or_default().to_owned();
    let (mut headers, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
            break;
        }
        let line = line.to_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        headers.push_str(&line);
    }
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let request = Request { path, headers, body };
    let (status, extra, text) = {
        let mut list = list.lock().unwrap();
        let answered = answer(list.len(), &request);
        list.push((request, answered.0));
        answered
    };
    if matches!(status, LOST | GONE) {
        return;
    }
    let head =
        format!("HTTP/1.1 {status} x\r\n{extra}content-length: {}\r\nconnection: close\r\n\r\n", text.len());
    let _ = reader.into_inner().write_all((head + &text).as_bytes());
}

//! Who may do what on the `http` listener: tokens from a file, a cookie for browsers, and nothing to guess by timing.

use std::path::Path;

use axum::http::{HeaderMap, Method, header};
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use crate::article::{HOUR, Time};

/// Shorter tokens are refused: 24 characters of base64 are 144 bits.
pub const TOKEN_MIN: usize = 24;
pub const TOKEN_MAX: usize = 512;
/// How long a browser stays signed in.
pub const COOKIE_LIFE: i64 = 12 * HOUR;
pub const COOKIE: &str = "demarche_token";

/// What a caller may do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Scope {
    Nothing,
    Read,
    Write,
}

impl Scope {
    fn number(self) -> u8 {
        self as u8
    }

    fn from_number(number: u8) -> Self {
        match number {
            2 => Scope::Write,
            1 => Scope::Read,
            _ => Scope::Nothing,
        }
    }
}

/// A token file that cannot be used; never quotes a token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    #[error("{path}: {source}")]
    Io { path: String, source: std::io::Error },
    #[error("{path}:{line}: expected `read TOKEN` or `write TOKEN`")]
    Shape { path: String, line: usize },
    #[error(
        "{path}:{line}: the token has {length} characters; {TOKEN_MIN} to {TOKEN_MAX} are wanted (try `openssl rand -base64 32`)"
    )]
    Length { path: String, line: usize, length: usize },
    #[error("{path}: no token in it")]
    Empty { path: String },
}

/// A token is held as its hash only.
struct Token {
    scope: Scope,
    hash: [u8; 32],
}

/// The tokens of the `http` listener; without any, everybody who reaches it may read and nobody may write.
#[derive(Default)]
pub struct Tokens {
    tokens: Vec<Token>,
}

impl Tokens {
    /// No tokens: reading is open to whoever reaches the listener, writing to nobody.
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads `read TOKEN` and `write TOKEN` lines; `#` begins a comment.
    ///
    /// # Errors
    /// See [`TokenError`].
    pub fn from_file(path: &Path) -> Result<Self, TokenError> {
        let name = path.display().to_string();
        let text =
            std::fs::read_to_string(path).map_err(|source| TokenError::Io { path: name.clone(), source })?;
        Self::parse(&name, &text)
    }

    /// # Errors
    /// See [`TokenError`]; `path` is for its message.
    pub fn parse(path: &str, text: &str) -> Result<Self, TokenError> {
        let mut tokens = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (path, at) = (path.to_owned(), at + 1);
            let scope = match line.split_once(char::is_whitespace) {
                Some(("read", _)) => Scope::Read,
                Some(("write", _)) => Scope::Write,
                _ => return Err(TokenError::Shape { path, line: at }),
            };
            let token = line.split_once(char::is_whitespace).map(|(_, t)| t.trim()).unwrap_or_default();
            if !(TOKEN_MIN..=TOKEN_MAX).contains(&token.len()) {
                return Err(TokenError::Length { path, line: at, length: token.len() });
            }
            tokens.push(Token { scope, hash: hash(token) });
        }
        if tokens.is_empty() {
            return Err(TokenError::Empty { path: path.to_owned() });
        }
        Ok(Self { tokens })
    }

    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// The widest scope of `token`; every token is compared, each in constant time.
    pub fn scope(&self, token: &str) -> Scope {
        let hash = hash(token);
        self.widest(|t| t.hash.ct_eq(&hash))
    }

    fn widest(&self, equal: impl Fn(&Token) -> Choice) -> Scope {
        let found = self.tokens.iter().fold(0_u8, |best, token| {
            let mine = u8::conditional_select(&0, &token.scope.number(), equal(token));
            best.max(mine)
        });
        Scope::from_number(found)
    }

    /// The cookie for a browser whose reader typed `token`: an end and a signature that only this token makes, so that
    /// it ends with the token and the token itself is not kept in the browser.
    pub fn cookie(&self, token: &str, now: Time) -> Option<String> {
        if self.scope(token) == Scope::Nothing {
            return None;
        }
        let ends = now.plus(COOKIE_LIFE).0;
        Some(format!("{ends}.{}", hex(&sign(&hash(token), ends))))
    }

    fn cookie_scope(&self, cookie: &str, now: Time) -> Scope {
        let Some((ends, signature)) = cookie.split_once('.') else { return Scope::Nothing };
        let Ok(ends) = ends.parse::<i64>() else { return Scope::Nothing };
        if ends <= now.0 || ends > now.plus(COOKIE_LIFE).0 {
            return Scope::Nothing;
        }
        self.widest(|t| hex(&sign(&t.hash, ends)).as_bytes().ct_eq(signature.as_bytes()))
    }

    /// What the sender of these headers may do.
    pub fn access(&self, headers: &HeaderMap, now: Time) -> Scope {
        if self.is_empty() {
            return Scope::Read;
        }
        if let Some(token) = bearer(headers) {
            return self.scope(token);
        }
        cookie(headers).map_or(Scope::Nothing, |c| self.cookie_scope(c, now))
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn sign(key: &[u8; 32], ends: i64) -> [u8; 32] {
    // HMAC fills a key up to its block with zeros.
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
    mac.update(b"demarche cookie ");
    mac.update(ends.to_string().as_bytes());
    mac.finalize().into_bytes().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The token of `Authorization: Bearer …`.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    all.flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(n, _)| *n == COOKIE)
        .map(|(_, v)| v)
}

/// A request that acts and was made by another site's page: refused, whatever it carries.
pub fn is_forged(method: &Method, headers: &HeaderMap) -> bool {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) || bearer(headers).is_some() {
        return false;
    }
    let text = |name| headers.get(name).and_then(|v| v.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => {
            origin.split_once("://").is_none_or(|(_, o)| !o.eq_ignore_ascii_case(host))
        }
        // No browser: browsers send an origin with what acts.
        (None, _) => false,
        (Some(_), None) => true,
    }
}

/// A name that a hostile page may have pointed at this machine: on loopback only loopback's own names are served.
pub fn is_foreign_host(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|v| v.to_str().ok()) else { return false };
    let name = host
        .rsplit_once(':')
        .map_or(host, |(name, port)| if port.bytes().all(|b| b.is_ascii_digit()) { name } else { host });
    let name = name.trim_matches(['[', ']']);
    !(name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: &str = "read-token-read-token-0001";
    const WRITE: &str = "write-token-write-token-01";

    fn tokens() -> Tokens {
        Tokens::parse("t", &format!("# ours\nread {READ}\nwrite  {WRITE}\n")).unwrap()
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect()
    }

    #[test]
    fn tokens_have_scopes() {
        let tokens = tokens();
        assert_eq!(tokens.scope(READ), Scope::Read);
        assert_eq!(tokens.scope(WRITE), Scope::Write);
        assert_eq!(tokens.scope("write-token-write-token-0"), Scope::Nothing);
        assert_eq!(tokens.scope(""), Scope::Nothing);
        let now = Time(0);
        assert_eq!(
            tokens.access(&headers(&[("authorization", &format!("bearer {WRITE}"))]), now),
            Scope::Write
        );
        assert_eq!(tokens.access(&HeaderMap::new(), now), Scope::Nothing);
        assert_eq!(Tokens::none().access(&HeaderMap::new(), now), Scope::Read);
    }

    #[test]
    fn a_cookie_ends_and_cannot_be_made_longer() {
        let (tokens, now) = (tokens(), Time(1_000));
        let cookie = tokens.cookie(READ, now).unwrap();
        let access = |c: &str, at| tokens.access(&headers(&[("cookie", &format!("a=b; {COOKIE}={c}"))]), at);
        assert_eq!(access(&cookie, now), Scope::Read);
        assert_eq!(access(&cookie, now.plus(COOKIE_LIFE)), Scope::Nothing);
        let longer = cookie.replacen(
            &now.plus(COOKIE_LIFE).0.to_string(),
            &now.plus(COOKIE_LIFE - 1).0.to_string(),
            1,
        );
        assert_eq!(access(&longer, now), Scope::Nothing);
        assert_eq!(tokens.cookie("no such token at all, no no", now), None);
        assert_eq!(access("x", now), Scope::Nothing);
    }

    #[test]
    fn a_bad_file_is_told_with_its_line_and_without_its_secret() {
        let fault = |text: &str| Tokens::parse("t", text).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(fault("read short").starts_with("t:1: the token has 5 characters"));
        assert_eq!(
            fault("# x\nhello-hello-hello-hello-hello"),
            "t:2: expected `read TOKEN` or `write TOKEN`"
        );
        assert_eq!(fault("\n"), "t: no token in it");
    }

    #[test]
    fn what_another_site_sends_is_forged() {
        let forged = |pairs: &[(&'static str, &str)]| is_forged(&Method::POST, &headers(pairs));
        assert!(forged(&[("sec-fetch-site", "cross-site")]));
        assert!(!forged(&[("sec-fetch-site", "same-origin")]));
        assert!(forged(&[("origin", "https://evil.example"), ("host", "127.0.0.1:9465")]));
        assert!(!forged(&[("origin", "http://127.0.0.1:9465"), ("host", "127.0.0.1:9465")]));
        assert!(!forged(&[("host", "127.0.0.1:9465")]));
        assert!(!is_forged(&Method::GET, &headers(&[("sec-fetch-site", "cross-site")])));
    }

    #[test]
    fn only_loopback_names_are_served_on_loopback() {
        for good in ["127.0.0.1:9465", "localhost", "[::1]:80", "LOCALHOST:1"] {
            assert!(!is_foreign_host(&headers(&[("host", good)])), "{good}");
        }
        for bad in ["evil.example:9465", "127.0.0.1.evil.example", "10.0.0.1"] {
            assert!(is_foreign_host(&headers(&[("host", bad)])), "{bad}");
        }
    }
}

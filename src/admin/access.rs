//! The doors of the `http` listener: every request passes here before any route sees it.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use super::auth::{self, Scope};
use super::http::Web;
use super::reply::Fault;

/// No inline script or style, nothing from elsewhere: the words on the page are other people's.
pub const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
                          connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Routes that need no token: the form that takes one, and what it looks like.
fn is_public(path: &str) -> bool {
    path == "/token" || path.starts_with("/assets/")
}

/// What acts, or shows more than the page does, needs `write`. Explaining a pasted text changes nothing.
fn needed(method: &Method, path: &str) -> Scope {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let harmless = matches!(path, "/explain" | "/api/v1/explain" | "/token/forget");
    if reads || harmless { Scope::Read } else { Scope::Write }
}

/// Refuses who may not; hands the scope on to the routes as an extension.
pub async fn guard(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let services = &web.services;
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let for_people = !path.starts_with("/api/") && !path.starts_with("/-/") && path != "/events";
    if services.tokens.is_empty() && !services.open_to_all && auth::is_foreign_host(request.headers()) {
        return refuse(
            StatusCode::MISDIRECTED_REQUEST,
            "foreign-host",
            "only loopback names are served without tokens",
        );
    }
    if auth::is_forged(&method, request.headers()) {
        return refuse(StatusCode::FORBIDDEN, "cross-site", "another site's page made this request");
    }
    let scope = services.tokens.access(request.headers(), services.now());
    if !is_public(&path) && scope < needed(&method, &path) {
        return match scope {
            Scope::Nothing if for_people && method == Method::GET => {
                let there = request.uri().path_and_query().map_or("/", |p| p.as_str());
                let query: String = form_encode(there);
                Redirect::to(&format!("/token?next={query}")).into_response()
            }
            Scope::Nothing => refuse(StatusCode::UNAUTHORIZED, "no-token", "a bearer token is needed"),
            _ if services.tokens.is_empty() => refuse(
                StatusCode::FORBIDDEN,
                "no-tokens",
                "nobody may change anything: http.tokens is not set",
            ),
            _ => refuse(StatusCode::FORBIDDEN, "read-only", "this token may only read"),
        };
    }
    request.extensions_mut().insert(scope);
    next.run(request).await
}

fn refuse(status: StatusCode, code: &'static str, message: &str) -> Response {
    Fault::new(status, code, message).into_response()
}

fn form_encode(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_' | b'.');
    text.bytes().map(|b| if plain(b) { (b as char).to_string() } else { format!("%{b:02X}") }).collect()
}

/// Headers of every answer.
pub async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(header::HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

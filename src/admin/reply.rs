//! What goes back: JSON answers and faults of the API, one shape each.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};

use super::clean;
use super::query::QueryError;

/// The longest string that the API sends of one field, in characters.
const STRING_MAX: usize = 2_000;

/// An answer with all its strings cleaned: terminals read this too.
pub fn answer(status: StatusCode, body: &impl Serialize) -> Response {
    let mut value = serde_json::to_value(body).unwrap_or(Value::Null);
    clean_strings(&mut value);
    (status, [(header::CACHE_CONTROL, "no-store")], Json(value)).into_response()
}

pub fn ok(body: &impl Serialize) -> Response {
    answer(StatusCode::OK, body)
}

fn clean_strings(value: &mut Value) {
    match value {
        Value::String(text) => *text = clean::line(text, STRING_MAX),
        Value::Array(items) => items.iter_mut().for_each(clean_strings),
        Value::Object(fields) => fields.values_mut().for_each(clean_strings),
        _ => {}
    }
}

/// Why the API does not do it.
#[derive(Debug)]
pub struct Fault {
    pub status: StatusCode,
    /// A word for programs: "not-found".
    pub code: &'static str,
    pub message: String,
}

impl Fault {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", format!("there is no {what}"))
    }

    pub fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", message)
    }

    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message)
    }
}

impl From<QueryError> for Fault {
    fn from(error: QueryError) -> Self {
        Self::bad(error.to_string())
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let status = self.status;
        let mut response =
            answer(status, &json!({ "error": { "code": self.code, "message": self.message } }));
        if status == StatusCode::UNAUTHORIZED {
            let value = header::HeaderValue::from_static("Bearer realm=\"demarche\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
        }
        response
    }
}

//! The `ops` listener: `/metrics`, `/livez`, `/readyz`. No secrets, no words of articles; may be bound anywhere.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus::{Encoder, TextEncoder};

use super::health::Health;
use super::precision::Precision;
use super::services::Services;

#[derive(Clone)]
struct Ops {
    health: Arc<Health>,
    registry: prometheus::Registry,
}

/// Routes of the `ops` listener.
pub fn ops_router(services: &Services) -> Router {
    // A registry that has it already keeps it.
    let precision = Precision::new(services).and_then(|p| services.registry.register(Box::new(p)));
    if let Err(error) = precision {
        tracing::debug!(%error, "the rules' precision is not registered");
    }
    let state = Ops { health: services.health.clone(), registry: services.registry.clone() };
    Router::new()
        .route("/metrics", get(metrics))
        .route(
            "/livez",
            get(|State(ops): State<Ops>| async move { answer(&ops.health, ops.health.is_alive()) }),
        )
        .route(
            "/readyz",
            get(|State(ops): State<Ops>| async move { answer(&ops.health, ops.health.is_ready()) }),
        )
        .with_state(state)
}

async fn metrics(State(ops): State<Ops>) -> Response {
    let mut text = Vec::new();
    let encoder = TextEncoder::new();
    match encoder.encode(&ops.registry.gather(), &mut text) {
        Ok(()) => ([(header::CONTENT_TYPE, encoder.format_type().to_owned())], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// One line a check, as Kubernetes' own components write them; the reasons of what is wrong.
fn answer(health: &Health, good: bool) -> Response {
    let problems = health.problems();
    let mut text = String::new();
    for (check, _) in health.checks() {
        match problems.iter().find(|p| p.check == check) {
            None => text.push_str(&format!("[+]{check} ok\n")),
            Some(p) => text.push_str(&format!("[-]{check} {}: {}\n", weight(p.weight), p.reason)),
        }
    }
    text.push_str(if good { "ok\n" } else { "failed\n" });
    let status = if good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], text)
        .into_response()
}

fn weight(weight: super::health::Weight) -> &'static str {
    match weight {
        super::health::Weight::Warning => "warning",
        super::health::Weight::Unready => "not ready",
        super::health::Weight::Dead => "dead",
    }
}

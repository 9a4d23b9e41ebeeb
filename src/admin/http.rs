//! The `http` listener: its routes in one table.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{delete, get, post};
use tokio::sync::Semaphore;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use super::services::Services;
use super::{access, api, assets, events, explain_page, forms, pages};

/// A body larger than this is refused; the longest article that `explain` takes is smaller.
const BODY_MAX: usize = 256 * 1_024;
/// An answer takes this long at most; the event stream is not counted.
const ANSWER_TIME: Duration = Duration::from_secs(20);

/// What every route of the `http` listener shares.
#[derive(Clone)]
pub struct Web {
    pub services: Services,
    pub templates: Arc<minijinja::Environment<'static>>,
    /// One text is explained at a time: it takes a core.
    pub explaining: Arc<Semaphore>,
    /// Readers of the event stream.
    pub listeners: Arc<Semaphore>,
}

/// Routes of the `http` listener, with their doors and limits.
pub fn http_router(services: Services) -> Router {
    let web = Web {
        services,
        templates: Arc::new(pages::templates()),
        explaining: Arc::new(Semaphore::new(1)),
        listeners: Arc::new(Semaphore::new(events::LISTENERS_MAX)),
    };
    let answered = Router::new()
        .merge(page_routes())
        .nest("/api/v1", api_routes())
        .route("/-/reload", post(api::reload))
        .fallback(pages::not_found)
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, ANSWER_TIME));
    answered
        .route("/events", get(events::events))
        .layer(RequestBodyLimitLayer::new(BODY_MAX))
        .layer(from_fn_with_state(web.clone(), access::guard))
        .layer(from_fn(access::headers))
        .with_state(web)
}

fn page_routes() -> Router<Web> {
    Router::new()
        .route("/", get(pages::list))
        .route("/alerts/{episode}", get(pages::episode))
        .route("/alerts/{episode}/silence", get(forms::ask_silence).post(forms::silence))
        .route("/alerts/{episode}/verdict", get(forms::ask_verdict).post(forms::verdict))
        .route("/dyads", get(pages::dyads))
        .route("/dyads/{dyad}", get(pages::dyad))
        .route("/silences", get(forms::silences))
        .route("/silences/{id}/end", post(forms::end_silence))
        .route("/explain", get(explain_page::ask).post(explain_page::explain))
        .route("/token", get(forms::ask_token).post(forms::token))
        .route("/token/forget", post(forms::forget_token))
        .route("/assets/{revision}/{name}", get(assets::asset))
}

fn api_routes() -> Router<Web> {
    Router::new()
        .route("/episodes", get(api::episodes))
        .route("/episodes/{id}", get(api::episode))
        .route("/episodes/{id}/verdict", post(api::verdict))
        .route("/dyads", get(api::dyads))
        .route("/dyads/{dyad}", get(api::dyad))
        .route("/signals", get(api::signals))
        .route("/silences", get(api::silences).post(api::silence))
        .route("/silences/{id}", delete(api::end_silence))
        .route("/verdicts", get(api::verdicts))
        .route("/verdicts/todo", get(api::todo))
        .route("/explain", post(api::explain))
        .fallback(api::not_found)
}

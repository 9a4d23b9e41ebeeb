//! `/events`: what changed, as server-sent events. Ids and words of ours only, never an article's.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::StreamExt as _;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

use super::http::Web;
use super::reply::Fault;

/// Readers at a time; the next is told to come again.
pub const LISTENERS_MAX: usize = 128;

pub async fn events(State(web): State<Web>) -> Response {
    let Ok(place) = web.listeners.clone().try_acquire_owned() else {
        return Fault::unavailable("too many readers of the event stream").into_response();
    };
    let notes = BroadcastStream::new(web.services.view.subscribe()).map(move |note| {
        let _held_while_read = &place;
        let event = match note {
            Ok(note) => Event::default()
                .event("episode")
                .id(format!("{}.{}", note.episode_id, note.revision))
                .json_data(note),
            Err(BroadcastStreamRecvError::Lagged(missed)) => {
                Event::default().event("missed").json_data(serde_json::json!({ "missed": missed }))
            }
        };
        Ok::<_, Infallible>(event.unwrap_or_default())
    });
    // The first bytes tell a reader that it is connected; 5 s is how long it waits before it tries again.
    let hello = Event::default().event("hello").retry(Duration::from_secs(5)).data("{}");
    let stream = futures::stream::once(async { Ok(hello) }).chain(notes);
    Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(20))).into_response()
}

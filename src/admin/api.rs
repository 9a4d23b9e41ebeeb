//! `/api/v1`: the same facts as the page, for programs. Documented in `docs/api.md`.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::http::Web;
use super::query;
use super::reply::{Fault, answer, ok};
use super::rows::{EpisodeRow, SignalRow};
use super::services::Article;
use crate::alert::{Control, Judgement, SILENCE_MAX, Silence, Verdict, tally};
use crate::article::Time;
use crate::signal::{Dyad, short_hash};

type Answer = Result<Response, Fault>;

/// The longest author and comment, in characters.
const NOTE_MAX: usize = 500;

fn body<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Fault> {
    serde_json::from_slice(bytes).map_err(|e| Fault::bad(format!("the body is not what is wanted: {e}")))
}

pub async fn episodes(State(web): State<Web>, Query(query): Query<query::Query>) -> Answer {
    let (filter, page) = query.read()?;
    let listed = web.services.view.list(&filter, &page);
    let rows: Vec<EpisodeRow> = listed.alerts.iter().map(|a| EpisodeRow::new(a, &web.services)).collect();
    Ok(ok(&json!({ "episodes": rows, "next": listed.next.map(|c| c.to_string()) })))
}

pub async fn episode(State(web): State<Web>, Path(id): Path<String>) -> Answer {
    let alert = web.services.view.get(&id).ok_or_else(|| Fault::not_found("such episode"))?;
    Ok(ok(&*alert))
}

pub async fn dyads(State(web): State<Web>) -> Answer {
    Ok(ok(&json!({ "dyads": web.services.view.dyads() })))
}

pub async fn dyad(State(web): State<Web>, Path(dyad): Path<String>) -> Answer {
    let dyad: Dyad = dyad.parse().map_err(|_| Fault::not_found("such dyad"))?;
    let view = &web.services.view;
    let summary =
        view.dyads().into_iter().find(|d| d.dyad == dyad).ok_or_else(|| Fault::not_found("such dyad"))?;
    let rows: Vec<EpisodeRow> =
        view.of_dyad(dyad).iter().map(|a| EpisodeRow::new(a, &web.services)).collect();
    Ok(ok(&json!({ "dyad": summary, "tension": view.readings(dyad), "episodes": rows })))
}

pub async fn signals(State(web): State<Web>, Query(query): Query<query::Query>) -> Answer {
    let (filter, page) = query.read()?;
    if page.after.is_some() {
        return Err(Fault::bad("signals are the newest evidence and have no further pages"));
    }
    let found = web.services.view.evidence(&filter, page.limit);
    let rows: Vec<SignalRow> = found.into_iter().map(|(alert, item)| SignalRow::new(&alert, item)).collect();
    Ok(ok(&json!({ "signals": rows })))
}

pub async fn silences(State(web): State<Web>) -> Answer {
    let now = web.services.now();
    let mut silences = web.services.control.silences();
    silences.retain(|s| s.ends_at > now);
    silences.sort_by(|a, b| a.ends_at.cmp(&b.ends_at).then(a.id.cmp(&b.id)));
    Ok(ok(&json!({ "silences": silences })))
}

/// A wanted silence; `ends_at` is a time or a span ("4h").
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SilenceWish {
    pub episode_id: Option<String>,
    pub dyad: Option<Dyad>,
    pub family: Option<crate::alert::Family>,
    pub up_to: Option<crate::alert::Severity>,
    pub starts_at: Option<Time>,
    pub ends_at: String,
    #[serde(default)]
    pub author: String,
    #[serde(default)]
    pub comment: String,
}

impl SilenceWish {
    /// # Errors
    /// No end, an end that has passed or lies too far ahead, or a silence of everything.
    pub fn read(self, now: Time) -> Result<Silence, Fault> {
        let ends_at = query::moment(self.ends_at.trim(), now)
            .ok_or_else(|| Fault::bad("ends_at: expected an RFC 3339 time or a span such as 30m, 4h, 2d"))?;
        let starts_at = self.starts_at.unwrap_or(now);
        if ends_at <= now.max(starts_at) || ends_at.since(now) > SILENCE_MAX {
            return Err(Fault::bad("ends_at: has to lie ahead, by 30 days at most"));
        }
        let author = super::clean::line(&self.author, NOTE_MAX);
        if author.is_empty() {
            return Err(Fault::bad("author: say who asks for it"));
        }
        let key = [
            author.as_str(),
            &now.0.to_string(),
            &ends_at.0.to_string(),
            self.episode_id.as_deref().unwrap_or(""),
        ];
        let silence = Silence {
            schema: Control::SCHEMA,
            id: short_hash(key),
            episode_id: self.episode_id,
            dyad: self.dyad,
            family: self.family,
            up_to: self.up_to,
            starts_at,
            ends_at,
            author,
            comment: super::clean::line(&self.comment, NOTE_MAX),
        };
        if silence.is_too_wide() {
            return Err(Fault::bad("name an episode_id or a dyad: a silence of everything is refused"));
        }
        Ok(silence)
    }
}

pub async fn silence(State(web): State<Web>, bytes: Bytes) -> Answer {
    let silence = body::<SilenceWish>(&bytes)?.read(web.services.now())?;
    keep(&web, Control::Silence(silence.clone())).await?;
    Ok(answer(StatusCode::CREATED, &silence))
}

pub async fn end_silence(State(web): State<Web>, Path(id): Path<String>) -> Answer {
    drop_silence(&web, &id).await?;
    Ok(ok(&json!({ "ended": id })))
}

pub async fn drop_silence(web: &Web, id: &str) -> Result<(), Fault> {
    let control = &web.services.control;
    if !control.silences().iter().any(|s| s.id == id) {
        return Err(Fault::not_found("such silence"));
    }
    control.remove(Control::silence_key(id)).await.map_err(|e| Fault::unavailable(e.to_string()))
}

pub async fn keep(web: &Web, record: Control) -> Result<(), Fault> {
    web.services.control.append(record).await.map_err(|e| Fault::unavailable(e.to_string()))
}

pub async fn verdicts(State(web): State<Web>) -> Answer {
    let mut verdicts = web.services.control.verdicts();
    let rules: Vec<_> = tally(&verdicts, web.services.now())
        .into_iter()
        .map(|(rule, t)| json!({ "rule": rule, "right": t.right, "wrong": t.wrong, "precision": t.precision() }))
        .collect();
    verdicts.sort_by(|a, b| b.at.cmp(&a.at).then(a.episode_id.cmp(&b.episode_id)));
    verdicts.truncate(query::LIMIT_MAX);
    Ok(ok(&json!({ "verdicts": verdicts, "rules": rules })))
}

/// Wrong verdicts as examples for the packs, in TOML.
pub async fn todo(State(web): State<Web>) -> Response {
    let kind = [(axum::http::header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (kind, super::examples::of_verdicts(&web.services)).into_response()
}

/// A judgement as it is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerdictWish {
    pub verdict: Judgement,
    #[serde(default)]
    pub author: String,
    #[serde(default)]
    pub comment: String,
}

impl VerdictWish {
    /// # Errors
    /// The episode is not there.
    pub fn read(self, web: &Web, episode_id: &str) -> Result<Verdict, Fault> {
        let alert = web.services.view.get(episode_id).ok_or_else(|| Fault::not_found("such episode"))?;
        Ok(Verdict {
            schema: Control::SCHEMA,
            episode_id: alert.episode_id.clone(),
            revision: alert.revision,
            verdict: self.verdict,
            rules: alert.rules.clone(),
            at: web.services.now(),
            author: super::clean::line(&self.author, NOTE_MAX),
            comment: super::clean::line(&self.comment, NOTE_MAX),
        })
    }
}

pub async fn verdict(State(web): State<Web>, Path(id): Path<String>, bytes: Bytes) -> Answer {
    let verdict = body::<VerdictWish>(&bytes)?.read(&web, &id)?;
    keep(&web, Control::Verdict(verdict.clone())).await?;
    Ok(answer(StatusCode::CREATED, &verdict))
}

pub async fn explain(State(web): State<Web>, bytes: Bytes) -> Answer {
    Ok(ok(&explained(&web, body(&bytes)?).await?))
}

/// Runs the handed-in explanation on a blocking thread, one at a time.
pub async fn explained(web: &Web, article: Article) -> Result<serde_json::Value, Fault> {
    if article.title.trim().is_empty() && article.body.trim().is_empty() {
        return Err(Fault::bad("there is no text to explain"));
    }
    let place = web.explaining.clone().acquire_owned().await;
    let explain = web.services.explain.clone();
    let ran = tokio::task::spawn_blocking(move || {
        let _place = place;
        explain(article)
    });
    match ran.await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(why)) => Err(Fault::unavailable(why)),
        Err(_) => Err(Fault::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the explanation broke off")),
    }
}

pub async fn reload(State(web): State<Web>) -> Answer {
    match (web.services.reload)().await {
        Ok(what) => Ok(ok(&json!({ "reloaded": what }))),
        Err(why) => Err(Fault::new(StatusCode::UNPROCESSABLE_ENTITY, "not-reloaded", why)),
    }
}

pub async fn not_found() -> Fault {
    Fault::not_found("such route")
}

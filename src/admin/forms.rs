//! What people do on the page: silence, judge, sign in. A link only ever asks; a form acts.

use axum::extract::{Extension, Form, Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use minijinja::context;
use serde::Deserialize;

use super::api::{SilenceWish, VerdictWish, drop_silence, keep};
use super::auth::{COOKIE, COOKIE_LIFE, Scope};
use super::http::Web;
use super::pages::Rendering;
use super::reply::Fault;
use super::rows::{Card, Moment};
use super::words;
use crate::alert::{Control, Judgement, Severity};

/// A fault as a page.
fn told(web: &Web, scope: Scope, fault: &Fault) -> Response {
    Rendering::new(web, scope).message(fault.status, "That was not done", &fault.message)
}

/// The episode's page at one of its forms.
fn form_of(web: &Web, scope: Scope, id: &str, ask: &str) -> Response {
    let rendering = Rendering::new(web, scope);
    let Some(alert) = web.services.view.get(id) else {
        return rendering.message(StatusCode::NOT_FOUND, "No such episode", "It is not in memory.");
    };
    let judgements: Vec<&str> = Judgement::ALL.iter().map(|j| j.as_str()).collect();
    rendering.page("silences.html", context! { ask, card => Card::new(&alert, &web.services), judgements })
}

pub async fn ask_silence(
    State(web): State<Web>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Response {
    form_of(&web, scope, &id, "silence")
}

pub async fn ask_verdict(
    State(web): State<Web>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Response {
    form_of(&web, scope, &id, "verdict")
}

/// The silence form.
#[derive(Debug, Deserialize)]
pub struct SilenceForm {
    /// `episode` or `dyad`.
    what: String,
    span: String,
    #[serde(default)]
    escalations: String,
    author: String,
    #[serde(default)]
    comment: String,
}

pub async fn silence(
    State(web): State<Web>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    Form(form): Form<SilenceForm>,
) -> Response {
    let Some(alert) = web.services.view.get(&id) else {
        return told(&web, scope, &Fault::not_found("such episode"));
    };
    let wide = form.what == "dyad";
    let wish = SilenceWish {
        episode_id: (!wide).then(|| alert.episode_id.clone()),
        dyad: wide.then_some(alert.dyad),
        // A silence that is not to hide an escalation ends where the severity is now.
        up_to: (form.escalations != "hide").then_some(alert.severity.min(Severity::High)),
        ends_at: form.span,
        author: form.author,
        comment: form.comment,
        ..SilenceWish::default()
    };
    let kept = match wish.read(web.services.now()) {
        Ok(silence) => keep(&web, Control::Silence(silence)).await,
        Err(fault) => Err(fault),
    };
    match kept {
        Ok(()) => Redirect::to("/silences").into_response(),
        Err(fault) => told(&web, scope, &fault),
    }
}

pub async fn verdict(
    State(web): State<Web>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    Form(wish): Form<VerdictWish>,
) -> Response {
    let kept = match wish.read(&web, &id) {
        Ok(verdict) => keep(&web, Control::Verdict(verdict)).await,
        Err(fault) => Err(fault),
    };
    match kept {
        Ok(()) => Redirect::to(&format!("/alerts/{}#verdict", plain(&id))).into_response(),
        Err(fault) => told(&web, scope, &fault),
    }
}

/// An episode's id holds nothing but letters, digits and hyphens.
fn plain(id: &str) -> String {
    id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

pub async fn silences(State(web): State<Web>, Extension(scope): Extension<Scope>) -> Response {
    let services = &web.services;
    let now = services.now();
    let mut silences = services.control.silences();
    silences.retain(|s| s.ends_at > now);
    silences.sort_by_key(|s| s.ends_at);
    let rows: Vec<_> = silences
        .into_iter()
        .map(|s| {
            let what = match (&s.episode_id, s.dyad) {
                (Some(id), _) => {
                    services.view.get(id).map_or(id.clone(), |a| services.names.act(&a.headline))
                }
                (None, Some(dyad)) => services.names.dyad(dyad),
                (None, None) => "everything".to_owned(),
            };
            context! {
                id => s.id, episode => s.episode_id, what, up_to => s.up_to.map(|s| s.as_str()),
                family => s.family.map(|f| words::title(f.as_str())),
                author => s.author, comment => s.comment, ends => Moment::new(s.ends_at, now),
            }
        })
        .collect();
    Rendering::new(&web, scope).page("silences.html", context! { rows, nav => "silences" })
}

pub async fn end_silence(
    State(web): State<Web>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Response {
    match drop_silence(&web, &id).await {
        Ok(()) => Redirect::to("/silences").into_response(),
        Err(fault) => told(&web, scope, &fault),
    }
}

/// Where to go after signing in.
#[derive(Debug, Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

/// A path of this site; anything else leads to the list.
fn own_path(next: &str) -> &str {
    let own = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n']);
    if own && next.is_ascii() { next } else { "/" }
}

pub async fn ask_token(
    State(web): State<Web>,
    Extension(scope): Extension<Scope>,
    Query(query): Query<Next>,
) -> Response {
    Rendering::new(&web, scope).page("token.html", context! { next => own_path(&query.next), nav => "token" })
}

/// The token form.
#[derive(Deserialize)]
pub struct TokenForm {
    token: String,
    #[serde(default)]
    next: String,
}

pub async fn token(
    State(web): State<Web>,
    Extension(scope): Extension<Scope>,
    Form(form): Form<TokenForm>,
) -> Response {
    let services = &web.services;
    let next = own_path(&form.next).to_owned();
    let Some(cookie) = services.tokens.cookie(form.token.trim(), services.now()) else {
        let rendering = Rendering::new(&web, scope).status(StatusCode::UNAUTHORIZED);
        return rendering.page("token.html", context! { next, wrong => true, nav => "token" });
    };
    let age = COOKIE_LIFE / crate::article::SECOND;
    with_cookie(&web, &format!("{COOKIE}={cookie}; Max-Age={age}"), &next)
}

pub async fn forget_token(State(web): State<Web>) -> Response {
    with_cookie(&web, &format!("{COOKIE}=; Max-Age=0"), "/token")
}

fn with_cookie(web: &Web, pair: &str, next: &str) -> Response {
    let secure = if web.services.public_url.starts_with("https:") { "; Secure" } else { "" };
    // Lax: a link in a message opens the page, and nothing acts on GET.
    let text = format!("{pair}; Path=/; HttpOnly; SameSite=Lax{secure}");
    let mut response = Redirect::to(next).into_response();
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        assert_eq!(own_path("/alerts/1?x=y"), "/alerts/1?x=y");
        for bad in ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a\r\nSet-Cookie: x"] {
            assert_eq!(own_path(bad), "/", "{bad}");
        }
    }
}

//! The page for people: rendered here, whole, without JavaScript.

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, http::Uri};
use minijinja::{Environment, context};

use super::assets;
use super::auth::Scope;
use super::chart::{Chart, Mark};
use super::http::Web;
use super::query;
use super::rows::{Card, EvidenceRow, Moment, steps};
use super::view::Reading;
use super::words;
use crate::alert::{Alert, Family, Severity};
use crate::signal::{Dyad, Polarity};

const TEMPLATES: [(&str, &str); 10] = [
    ("base.html", include_str!("templates/base.html")),
    ("list.html", include_str!("templates/list.html")),
    ("episode.html", include_str!("templates/episode.html")),
    ("dyads.html", include_str!("templates/dyads.html")),
    ("dyad.html", include_str!("templates/dyad.html")),
    ("silences.html", include_str!("templates/silences.html")),
    ("explain.html", include_str!("templates/explain.html")),
    ("token.html", include_str!("templates/token.html")),
    ("message.html", include_str!("templates/message.html")),
    ("parts.html", include_str!("templates/parts.html")),
];

/// The templates, compiled; their names end in `.html`, so that everything in them is escaped.
pub fn templates() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Chainable);
    for (name, text) in TEMPLATES {
        // A broken one is found by the test that renders them all; here it is a page that says so.
        if let Err(error) = environment.add_template(name, text) {
            tracing::error!(%error, "a template does not compile");
        }
    }
    environment
}

/// A page to be rendered: what all pages share is added here.
pub struct Rendering<'a> {
    pub web: &'a Web,
    pub scope: Scope,
    pub status: StatusCode,
}

impl<'a> Rendering<'a> {
    pub fn new(web: &'a Web, scope: Scope) -> Self {
        Self { web, scope, status: StatusCode::OK }
    }

    pub fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    pub fn page(&self, template: &str, own: minijinja::Value) -> Response {
        let services = &self.web.services;
        let problems = if self.scope > Scope::Nothing { services.health.problems() } else { Vec::new() };
        let shared = context! {
            assets => *assets::REVISION,
            problems,
            may_write => self.scope == Scope::Write,
            has_tokens => !services.tokens.is_empty(),
            signed_in => self.scope > Scope::Nothing,
            now => Moment::new(services.now(), services.now()),
            version => env!("CARGO_PKG_VERSION"),
        };
        let rendered =
            self.web.templates.get_template(template).and_then(|t| t.render(context! { ..own, ..shared }));
        match rendered {
            Ok(html) => (
                self.status,
                [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")],
                html,
            )
                .into_response(),
            Err(error) => {
                tracing::error!(%error, template, "a page could not be rendered");
                (StatusCode::INTERNAL_SERVER_ERROR, "the page could not be rendered; see the log")
                    .into_response()
            }
        }
    }

    pub fn message(self, status: StatusCode, title: &str, text: &str) -> Response {
        self.status(status).page("message.html", context! { title, text })
    }
}

pub async fn list(
    State(web): State<Web>,
    Extension(scope): Extension<Scope>,
    Query(query): Query<query::Query>,
) -> Response {
    let rendering = Rendering::new(&web, scope);
    let (filter, page) = match query.read() {
        Ok(read) => read,
        Err(error) => {
            return rendering.message(
                StatusCode::BAD_REQUEST,
                "That cannot be searched for",
                &error.to_string(),
            );
        }
    };
    let services = &web.services;
    let listed = services.view.list(&filter, &page);
    let cards: Vec<Card> = listed.alerts.iter().map(|a| Card::new(a, services)).collect();
    let counts: Vec<_> =
        services.view.open_counts().into_iter().rev().map(|(s, n)| (s.as_str(), n)).collect();
    let text = |value: &Option<String>| value.as_deref().unwrap_or_default().trim().to_owned();
    let next = listed.next.map(|cursor| next_page(&query, &cursor.to_string()));
    let severities: Vec<&str> = Severity::ALL.iter().rev().map(|s| s.as_str()).collect();
    let families: Vec<&str> = Family::ALL.iter().map(|f| f.as_str()).collect();
    rendering.page(
        "list.html",
        context! {
            cards, counts, severities, families, next,
            nav => "list",
            total => services.view.size().0,
            state => text(&query.state), severity => text(&query.severity), family => text(&query.family),
            dyad => text(&query.dyad), actor => text(&query.actor), q => text(&query.q), order => text(&query.order),
            filtered => filter != query::Filter::default(),
            further => page.after.is_some(),
        },
    )
}

/// The address of the next page: the same query with another `after`.
fn next_page(query: &query::Query, after: &str) -> String {
    let fields = [
        ("state", &query.state),
        ("severity", &query.severity),
        ("family", &query.family),
        ("dyad", &query.dyad),
        ("actor", &query.actor),
        ("q", &query.q),
        ("order", &query.order),
        ("limit", &query.limit),
    ];
    let mut url = String::from("/?");
    for (name, value) in fields {
        if let Some(value) = value.as_deref().filter(|v| !v.is_empty()) {
            let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
            url.push_str(&format!("{name}="));
            url.extend(
                value.bytes().map(|b| if plain(b) { (b as char).to_string() } else { format!("%{b:02X}") }),
            );
            url.push('&');
        }
    }
    url + "after=" + after
}

pub async fn episode(
    State(web): State<Web>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Response {
    let rendering = Rendering::new(&web, scope);
    let Some(alert) = web.services.view.get(&id) else {
        let text = "It is not in memory: it ended more than 90 days ago, or this process has not read the alerts topic yet.";
        return rendering.message(StatusCode::NOT_FOUND, "No such episode", text);
    };
    rendering.page("episode.html", episode_context(&web, &alert))
}

fn episode_context(web: &Web, alert: &Alert) -> minijinja::Value {
    let services = &web.services;
    let now = services.now();
    let evidence: Vec<EvidenceRow> =
        alert.evidence.iter().enumerate().map(|(at, e)| EvidenceRow::new(at + 1, e, services)).collect();
    let others: Vec<_> = alert
        .others
        .iter()
        .map(|o| (o.episode_id.clone(), words::title(o.family.as_str()), services.view.get(&o.episode_id)))
        .map(|(id, family, other)| {
            context! { id, family, line => other.map(|a| services.names.act(&a.headline)) }
        })
        .collect();
    let verdict = services.control.verdicts().into_iter().find(|v| v.episode_id == alert.episode_id);
    let svg = dyad_chart(web, alert.dyad);
    context! {
        card => Card::new(alert, services),
        evidence, others,
        steps => steps(alert, now),
        meaning => words::confirmation(alert.confirmation),
        instrument => (!alert.instrument.is_empty()).then(|| words::instrument(&alert.instrument)),
        kinds => alert.kinds.iter().map(|k| words::title(k.as_str())).collect::<Vec<_>>(),
        parties => services.names.all(&alert.parties),
        counts => alert.counts,
        copies => alert.counts.folded,
        last_act => Moment::new(alert.last_act_at, now),
        change_today => format!("{}{}", if alert.tension.change > 0 { "+" } else { "" }, words::points(alert.tension.change)),
        continues => alert.continues,
        rules => alert.rules.iter().map(|r| super::clean::line(r, 120)).collect::<Vec<_>>(),
        revision => alert.revision,
        verdict => verdict.map(|v| context! {
            word => v.verdict.as_str(), author => v.author, comment => v.comment, at => Moment::new(v.at, now),
        }),
        chart => minijinja::Value::from_safe_string(svg),
    }
}

/// The dyad's readings, and the evidence of its episodes as marks. The words in it are escaped by the chart.
fn dyad_chart(web: &Web, dyad: Dyad) -> String {
    let services = &web.services;
    let readings: Vec<Reading> = services.view.readings(dyad);
    let first = readings.first().map(|r| r.time);
    let marks: Vec<Mark> = services
        .view
        .of_dyad(dyad)
        .iter()
        .flat_map(|a| {
            a.evidence.iter().map(|e| (e.published_at, e.kind, e.publisher.clone())).collect::<Vec<_>>()
        })
        .filter(|(time, _, _)| first.is_some_and(|f| *time >= f.plus(-7 * crate::article::DAY)))
        .take(100)
        .map(|(time, kind, publisher)| Mark {
            time,
            up: kind.polarity() == Polarity::Escalatory,
            label: format!(
                "{}, {}, {}",
                words::title(kind.as_str()),
                super::clean::line(&publisher, 60),
                words::clock(time)
            ),
        })
        .collect();
    let title = format!("Tension of {} over time, in points", services.names.dyad(dyad));
    Chart { title: &title, readings: &readings, marks: &marks }.svg()
}

pub async fn dyads(State(web): State<Web>, Extension(scope): Extension<Scope>) -> Response {
    let services = &web.services;
    let now = services.now();
    let rows: Vec<_> = services
        .view
        .dyads()
        .into_iter()
        .take(500)
        .map(|d| {
            context! {
                dyad => d.dyad.to_string(), pair => services.names.dyad(d.dyad), open => d.open,
                worst => d.worst.map(|s| s.as_str()), level => d.tension.level.as_str(),
                tension => words::points(d.tension.index), updated => Moment::new(d.tension.time, now),
            }
        })
        .collect();
    Rendering::new(&web, scope).page("dyads.html", context! { rows, nav => "dyads" })
}

pub async fn dyad(
    State(web): State<Web>,
    Extension(scope): Extension<Scope>,
    Path(text): Path<String>,
) -> Response {
    let rendering = Rendering::new(&web, scope);
    let services = &web.services;
    let found = text.parse::<Dyad>().ok().map(|dyad| (dyad, services.view.of_dyad(dyad)));
    let Some((dyad, alerts)) = found.filter(|(_, alerts)| !alerts.is_empty()) else {
        let text = "No episode of this pair is in memory.";
        return rendering.message(StatusCode::NOT_FOUND, "Nothing on this pair", text);
    };
    let (open, ended): (Vec<_>, Vec<_>) = alerts.iter().map(|a| Card::new(a, services)).partition(|c| c.open);
    let reading = services.view.readings(dyad).last().copied();
    rendering.page(
        "dyad.html",
        context! {
            pair => services.names.dyad(dyad), dyad => dyad.to_string(), open, ended,
            nav => "dyads",
            level => reading.map(|r| r.level.as_str()), tension => reading.map(|r| words::points(r.index)),
            updated => reading.map(|r| Moment::new(r.time, services.now())),
            chart => minijinja::Value::from_safe_string(dyad_chart(&web, dyad)),
        },
    )
}

pub async fn not_found(State(web): State<Web>, Extension(scope): Extension<Scope>, uri: Uri) -> Response {
    let text = format!("{} is not an address of this daemon.", super::clean::line(uri.path(), 100));
    Rendering::new(&web, scope).message(StatusCode::NOT_FOUND, "Nothing here", &text)
}

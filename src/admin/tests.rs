//! The listeners' routes, asked as a client asks.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use serde_json::Value;
use tower::ServiceExt as _;

use super::auth::Tokens;
use super::fixture::alert;
use super::{Health, Names, Services, Weight, http_router, ops_router};
use crate::alert::Severity;
use crate::article::{HOUR, Time};

const READ: &str = "read-token-read-token-0001";
const WRITE: &str = "write-token-write-token-01";
const NOW: Time = Time(1_000 * HOUR);

fn services() -> Services {
    let mut services = Services::new(Arc::new(Health::new()), prometheus::Registry::new());
    services.clock = Arc::new(|| NOW);
    services.names = Names::new(|code| (code.as_str() == "AAA").then(|| "Aland".to_owned()));
    services.explain = Arc::new(|article| {
        Ok(
            serde_json::json!({ "signals": [], "trace": { "sentences": [{ "text": article.body, "stopped": "no-actor" }] } }),
        )
    });
    services.reload = Arc::new(|| Box::pin(async { Ok("revision r2".to_owned()) }));
    services
}

fn with_tokens() -> Services {
    let tokens = Tokens::parse("t", &format!("read {READ}\nwrite {WRITE}\n")).unwrap();
    Services { tokens: Arc::new(tokens), ..services() }
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }
}

async fn send(router: &Router, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in [("host", "127.0.0.1:9465")].iter().chain(headers) {
        request = request.header(*name, *value);
    }
    let response = router.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = axum::body::to_bytes(response.into_body(), 10_000_000).await.unwrap();
    Answer { status, headers, text: String::from_utf8_lossy(&bytes).into_owned() }
}

async fn get(router: &Router, path: &str) -> Answer {
    send(router, Method::GET, path, &[], "").await
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

#[tokio::test]
async fn the_ops_listener_says_how_it_is_and_why() {
    let services = services();
    let counter = prometheus::IntCounter::new("demarche_test_total", "A test").unwrap();
    services.registry.register(Box::new(counter)).unwrap();
    services.health.expect("broker", "no broker answers at 10.0.0.5:9092");
    let ops = ops_router(&services);
    let ready = get(&ops, "/readyz").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ready.text, "[-]broker not ready: no broker answers at 10.0.0.5:9092\nfailed\n");
    assert_eq!(get(&ops, "/livez").await.status, StatusCode::OK);
    services.health.good("broker");
    services.health.bad("feed", Weight::Warning, "blind");
    let ready = get(&ops, "/readyz").await;
    assert_eq!(
        (ready.status, ready.text.as_str()),
        (StatusCode::OK, "[+]broker ok\n[-]feed warning: blind\nok\n")
    );
    let metrics = get(&ops, "/metrics").await;
    assert!(metrics.text.contains("demarche_test_total 0"), "{}", metrics.text);
    assert!(metrics.header("content-type").starts_with("text/plain; version=0.0.4"));
    assert_eq!(get(&ops, "/").await.status, StatusCode::NOT_FOUND, "the page is not on this listener");
}

#[tokio::test]
async fn every_page_is_whole_without_script_and_under_a_strict_policy() {
    let services = services();
    services.view.observe(&alert("e1", Severity::High, NOW.0 - HOUR));
    services.health.bad("feed", Weight::Warning, "blind since 03:00");
    let http = http_router(services);
    let wanted = [
        ("/", "may suspend the river waters treaty"),
        ("/alerts/e1", "<mark>may suspend the river waters treaty</mark>"),
        ("/alerts/e1/silence", "Nobody may change anything here"),
        ("/alerts/e1/verdict", "Was this right?"),
        ("/dyads", "Aland – BBB"),
        ("/dyads/AAA-BBB", "class=\"chart\""),
        ("/silences", "Nothing is silenced"),
        ("/explain", "<textarea"),
        ("/token", "asks for no token"),
    ];
    for (path, words) in wanted {
        let page = get(&http, path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.text.contains(words), "{path} lacks {words:?}: {}", page.text);
        assert!(page.text.contains("blind since 03:00"), "{path} shows what is wrong");
        let policy = page.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        let inline = ["<style", "style=", "onclick", "<script>"].iter().find(|w| page.text.contains(**w));
        assert_eq!(inline, None, "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
    }
    assert_eq!(get(&http, "/alerts/no-such").await.status, StatusCode::NOT_FOUND);
    assert_eq!(get(&http, "/dyads/AAA-CCC").await.status, StatusCode::NOT_FOUND);
    assert_eq!(get(&http, "/nothing").await.status, StatusCode::NOT_FOUND);
    assert_eq!(get(&http, "/?severity=loud").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn hostile_words_arrive_as_words() {
    let mut hostile = alert("e1", Severity::High, NOW.0);
    let attack = "<img src=x onerror=alert(1)>\u{202e}\u{1b}[2J\"'</q><script>alert(1)</script>";
    let item = &mut hostile.evidence[0];
    item.title = attack.into();
    item.publisher = attack.into();
    item.origin = Some(attack.into());
    item.url = Some("javascript:alert(1)".into());
    item.evidence.quote = attack.into();
    item.evidence.sentence = format!("He said {attack} today. {}", "x".repeat(1_000_000));
    item.rule.id = "../../x?".into();
    hostile.history[0].because = attack.into();
    hostile.rules = vec![attack.into()];
    hostile.instrument = attack.into();
    hostile.headline.instrument = Some(attack.into());
    let services = Services { runbook_url: "https://example.org/{rule}".into(), ..services() };
    services.view.observe(&hostile);
    let http = http_router(services);
    for path in ["/", "/alerts/e1", "/dyads/AAA-BBB", "/alerts/e1/silence"] {
        let page = get(&http, path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        for bad in ["<img", "<script>", "href=\"javascript", "\u{202e}", "\u{1b}", "../../x?\""] {
            assert!(!page.text.contains(bad), "{path} has {bad:?}");
        }
        assert!(page.text.len() < 60_000, "{path} has {} bytes", page.text.len());
    }
    for path in ["/api/v1/episodes", "/api/v1/episodes/e1", "/api/v1/signals"] {
        let answer = get(&http, path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(!answer.text.contains(['\u{202e}', '\u{1b}']), "{path}");
        assert_eq!(answer.header("content-type"), "application/json");
    }
    let page =
        send(&http, Method::POST, "/explain", &[FORM], &format!("title=&body={}", "%3Cscript%3Ealert(1)"))
            .await;
    assert!(page.status == StatusCode::OK && !page.text.contains("<script>alert"), "{}", page.text);
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[tokio::test]
async fn the_api_pages_and_filters() {
    let services = services();
    for n in 0..7 {
        let severity = if n % 2 == 0 { Severity::High } else { Severity::Low };
        services.view.observe(&alert(&format!("e{n}"), severity, n * 1_000));
    }
    let http = http_router(services);
    let (mut path, mut seen) = ("/api/v1/episodes?limit=3".to_owned(), Vec::new());
    loop {
        let answer = get(&http, &path).await.json();
        let rows = answer["episodes"].as_array().unwrap().clone();
        seen.extend(rows.iter().map(|r| r["episode_id"].as_str().unwrap().to_owned()));
        let Some(next) = answer["next"].as_str() else { break };
        path = format!("/api/v1/episodes?limit=3&after={next}");
    }
    assert_eq!(seen, ["e6", "e4", "e2", "e0", "e5", "e3", "e1"]);
    let high = get(&http, "/api/v1/episodes?severity=high&actor=AAA&state=open").await.json();
    assert_eq!(high["episodes"].as_array().unwrap().len(), 4);
    assert_eq!(high["episodes"][0]["summary"].as_str().unwrap().split(' ').next(), Some("Aland"));
    assert_eq!(get(&http, "/api/v1/episodes?limit=1000").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(get(&http, "/api/v1/episodes/e3").await.json()["severity"], "low");
    assert_eq!(get(&http, "/api/v1/dyads").await.json()["dyads"][0]["open"], 7);
    assert_eq!(get(&http, "/api/v1/dyads/AAA-BBB").await.json()["tension"].as_array().unwrap().len(), 7);
    assert_eq!(get(&http, "/api/v1/signals?limit=2").await.json()["signals"].as_array().unwrap().len(), 2);
    let fault = get(&http, "/api/v1/no-such").await;
    assert_eq!(
        (fault.status, fault.json()["error"]["code"].clone()),
        (StatusCode::NOT_FOUND, "not-found".into())
    );
    let page = get(&http, "/?limit=3&q=river").await;
    assert!(page.text.contains("?q=river&amp;limit=3&amp;after="), "{}", page.text);
}

#[tokio::test]
async fn scopes_are_kept() {
    let services = with_tokens();
    services.view.observe(&alert("e1", Severity::High, NOW.0));
    let http = http_router(services);
    let silence = r#"{"episode_id":"e1","ends_at":"4h","author":"kim"}"#;
    let (read, write) = (bearer(READ), bearer(WRITE));
    let (read, write) = ([("authorization", read.as_str())], [("authorization", write.as_str())]);
    let posts = [
        "/api/v1/silences",
        "/api/v1/episodes/e1/verdict",
        "/-/reload",
        "/alerts/e1/silence",
        "/silences/x/end",
    ];
    for path in posts {
        assert_eq!(
            send(&http, Method::POST, path, &[], silence).await.status,
            StatusCode::UNAUTHORIZED,
            "{path}"
        );
        assert_eq!(
            send(&http, Method::POST, path, &read, silence).await.status,
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }
    for path in ["/api/v1/episodes", "/events", "/api/v1/silences"] {
        assert_eq!(get(&http, path).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    assert_eq!(send(&http, Method::GET, "/api/v1/episodes", &read, "").await.status, StatusCode::OK);
    let page = get(&http, "/alerts/e1").await;
    assert_eq!((page.status, page.header("location")), (StatusCode::SEE_OTHER, "/token?next=/alerts/e1"));
    let made = send(&http, Method::POST, "/api/v1/silences", &write, silence).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let listed = send(&http, Method::GET, "/api/v1/episodes", &read, "").await.json();
    assert_eq!(listed["episodes"][0]["silenced"], true);
    let ended = send(&http, Method::DELETE, &format!("/api/v1/silences/{id}"), &write, "").await;
    assert_eq!(ended.status, StatusCode::OK);
    let reloaded = send(&http, Method::POST, "/-/reload", &write, "").await;
    assert_eq!(reloaded.json()["reloaded"], "revision r2");
}

#[tokio::test]
async fn silences_have_an_end_and_a_reason_to_be_refused() {
    let http = http_router(with_tokens());
    let write = bearer(WRITE);
    let bad = [
        r#"{"episode_id":"e1","ends_at":"4h"}"#,
        r#"{"author":"kim","ends_at":"4h"}"#,
        r#"{"author":"kim","episode_id":"e1","ends_at":"40d"}"#,
        r#"{"author":"kim","episode_id":"e1","ends_at":"1970-01-01T00:00:00Z"}"#,
        r#"{"author":"kim","episode_id":"e1","ends_at":"4h","what":1}"#,
        "nonsense",
    ];
    for body in bad {
        let answer = send(&http, Method::POST, "/api/v1/silences", &[("authorization", &write)], body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
    }
    let gone = send(&http, Method::DELETE, "/api/v1/silences/x", &[("authorization", &write)], "").await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_browser_signs_in_judges_and_is_not_driven_by_another_site() {
    let services = with_tokens();
    services.view.observe(&alert("e1", Severity::High, NOW.0));
    let ops = ops_router(&services);
    let http = http_router(services);
    let wrong = send(&http, Method::POST, "/token", &[FORM], "token=nothing-like-it&next=/").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let signed =
        send(&http, Method::POST, "/token", &[FORM], &format!("token={WRITE}&next=//evil.example")).await;
    assert_eq!((signed.status, signed.header("location")), (StatusCode::SEE_OTHER, "/"));
    let cookie = signed.header("set-cookie").to_owned();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && !cookie.contains(WRITE),
        "{cookie}"
    );
    let cookie = cookie.split(';').next().unwrap();
    let page = send(&http, Method::GET, "/alerts/e1/verdict", &[("cookie", cookie)], "").await;
    assert!(page.text.contains("not news"), "{}", page.text);
    let judge = |site: &'static str| {
        let http = http.clone();
        let headers = [("cookie", cookie.to_owned()), ("sec-fetch-site", site.to_owned())];
        async move {
            let headers =
                [(headers[0].0, headers[0].1.as_str()), (headers[1].0, headers[1].1.as_str()), FORM];
            send(
                &http,
                Method::POST,
                "/alerts/e1/verdict",
                &headers,
                "verdict=not-news&author=kim&comment=old",
            )
            .await
        }
    };
    assert_eq!(judge("cross-site").await.status, StatusCode::FORBIDDEN);
    assert_eq!(judge("same-origin").await.status, StatusCode::SEE_OTHER);
    let page = send(&http, Method::GET, "/alerts/e1", &[("cookie", cookie)], "").await;
    assert!(page.text.contains("<strong>not-news</strong> by kim"), "{}", page.text);
    let verdicts = send(&http, Method::GET, "/api/v1/verdicts", &[("cookie", cookie)], "").await.json();
    assert_eq!(verdicts["rules"][0]["precision"], 0.0);
    let todo = send(&http, Method::GET, "/api/v1/verdicts/todo", &[("cookie", cookie)], "").await.text;
    let examples: toml::Table = todo.parse().unwrap();
    let text = examples["todo"][0]["text"].as_str().unwrap();
    assert_eq!(text, "The cabinet may suspend the river waters treaty, it said.");
    let metrics = get(&ops, "/metrics").await.text;
    let series = "demarche_rule_verdicts{rule=\"treaty-suspension.verb\",verdict=\"wrong\"} 1";
    assert!(metrics.contains(series), "{metrics}");
    assert!(
        metrics.contains("demarche_rule_precision_ratio{rule=\"treaty-suspension.verb\"} 0"),
        "{metrics}"
    );
}

#[tokio::test]
async fn without_tokens_reading_is_for_loopback_and_writing_for_nobody() {
    let http = http_router(services());
    let answer = send(&http, Method::POST, "/-/reload", &[], "").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text.contains("http.tokens"), "{}", answer.text);
    let request =
        Request::builder().uri("/").header("host", "rebound.example:9465").body(Body::empty()).unwrap();
    assert_eq!(http.oneshot(request).await.unwrap().status(), StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn a_body_too_large_is_refused() {
    let http = http_router(services());
    let answer = send(&http, Method::POST, "/api/v1/explain", &[], &"x".repeat(300_000)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let empty = send(&http, Method::POST, "/api/v1/explain", &[], r#"{"body":"  "}"#).await;
    assert_eq!(empty.status, StatusCode::BAD_REQUEST);
    let fine = send(&http, Method::POST, "/api/v1/explain", &[], r#"{"body":"A text."}"#).await;
    assert_eq!(fine.json()["trace"]["sentences"][0]["stopped"], "no-actor");
}

#[tokio::test]
async fn events_tell_ids_and_no_words_of_articles() {
    use futures::StreamExt as _;
    let services = services();
    let view = services.view.clone();
    let request = Request::builder().uri("/events").header("host", "localhost").body(Body::empty()).unwrap();
    let response = http_router(services).oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut stream = response.into_body().into_data_stream();
    let hello = stream.next().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&hello).contains("retry: 5000"), "{hello:?}");
    view.observe(&alert("e1", Severity::High, 0));
    let event = String::from_utf8(stream.next().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(event.contains("event: episode") && event.contains("\"episode_id\":\"e1\""), "{event}");
    assert!(!event.contains("river"), "{event}");
}

#[tokio::test]
async fn assets_are_cached_by_what_they_are() {
    let http = http_router(services());
    let revision = super::assets::REVISION.clone();
    let css = get(&http, &format!("/assets/{revision}/page.css")).await;
    assert!(css.header("cache-control").contains("immutable") && css.text.contains("prefers-color-scheme"));
    assert_eq!(get(&http, "/assets/old/page.css").await.header("cache-control"), "no-store");
    assert_eq!(get(&http, "/assets/x/../Cargo.toml").await.status, StatusCode::NOT_FOUND);
}

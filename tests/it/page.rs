//! The page in a real browser, at a desk's width and a phone's, over real sockets.

use std::path::PathBuf;
use std::sync::Arc;

use demarche::admin::{self, Health, Limits, Names, Reach, Services, View, Weight};
use demarche::alert::Alert;

use crate::harness::axe::{Axe, Scheme};
use crate::harness::{chromium, real, root};

/// The listener with a crisis of our own making, at the moment when somebody is woken by it.
struct Served {
    address: String,
    view: Arc<View>,
    _stop: tokio::sync::watch::Sender<bool>,
    _runtime: tokio::runtime::Runtime,
}

fn names() -> Names {
    let names = [
        ("IND", "India"),
        ("PAK", "Pakistan"),
        ("NOR", "Norway"),
        ("CHN", "China"),
        ("PHL", "Philippines"),
        ("ARM", "Armenia"),
        ("AZE", "Azerbaijan"),
        ("EST", "Estonia"),
        ("RUS", "Russia"),
        ("UN", "United Nations"),
    ];
    Names::new(move |code| names.iter().find(|(c, _)| *c == code.as_str()).map(|(_, n)| (*n).to_owned()))
}

fn alerts() -> Vec<Alert> {
    let text = include_str!("fixtures/alerts.ndjson");
    text.lines().map(|l| serde_json::from_str(l).expect("an alert")).collect()
}

fn serve() -> Served {
    let mut services = Services::new(Arc::new(Health::new()), prometheus::Registry::new());
    services.clock = Arc::new(|| "2025-05-06T03:12:00Z".parse().expect("a time"));
    services.names = names();
    services.runbook_url = "https://runbooks.example/{rule}".into();
    services.health.bad("feed", Weight::Warning, "no article for 9 minutes on diplomatic.news/2");
    alerts().iter().for_each(|a| services.view.observe(a));
    let view = services.view.clone();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let local = "127.0.0.1:0".parse().expect("an address");
    let listener = runtime.block_on(admin::bind("http", local, Reach::Loopback)).expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    runtime.spawn(admin::serve(listener, admin::http_router(services), Limits::default(), stopped));
    Served { address, view, _stop: stop, _runtime: runtime }
}

/// Where pictures go: only where somebody wants them (`scripts/screenshots`).
fn picture(name: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("DEMARCHE_TEST_PICTURES")?);
    let folder = if folder.is_absolute() { folder } else { root().join(folder) };
    std::fs::create_dir_all(&folder).expect("the folder of the pictures");
    Some(folder.join(format!("{name}.png")))
}

#[test]
fn a_browser_shows_the_page_and_finds_nothing_to_complain_of() {
    let served = serve();
    let pages = [
        ("episodes", "/", "struck nine sites"),
        ("episode", "/alerts/3b1f0c9e77a2d415", "<mark>"),
        ("pair", "/dyads/IND-PAK", "class=\"line\""),
        ("pairs", "/dyads", "Armenia – Azerbaijan"),
        ("explain", "/explain", "textarea"),
    ];
    for (name, path, words) in pages {
        for (device, width) in [("desk", 1_200), ("phone", 500)] {
            let url = format!("http://{}{path}", served.address);
            let page = real!(chromium::open(&url, width, picture(&format!("{name}-{device}")).as_deref()));
            assert!(page.dom.contains(words), "{path} at {width} lacks {words:?}:\n{}", page.dom);
            assert_eq!(page.console, Vec::<String>::new(), "{path} at {width}");
        }
    }
    assert_eq!(served.view.size().0, 6);
}

#[test]
fn axe_finds_nothing_that_keeps_anybody_from_reading() {
    let axe = real!(Axe::find());
    let bad =
        "<!doctype html><html><head><title>x</title></head><body><main><img src=x></main></body></html>";
    assert!(!axe.check(bad, Scheme::Light).is_empty(), "it would say so");
    let served = serve();
    let pages =
        ["/", "/alerts/3b1f0c9e77a2d415", "/alerts/3b1f0c9e77a2d415/silence", "/dyads", "/dyads/IND-PAK"];
    for path in pages.into_iter().chain(["/silences", "/explain", "/token"]) {
        for scheme in [Scheme::Light, Scheme::Dark] {
            let found = axe.violations(&served.address, path, scheme);
            assert_eq!(found, Vec::<String>::new(), "{path}, {scheme:?}");
        }
    }
}

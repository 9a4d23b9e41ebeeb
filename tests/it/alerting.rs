//! One definition of the alerting rules, `deploy/alerting/rules.toml`, makes the Prometheus rules, their tests and the
//! Grafana rules. `DEMARCHE_WRITE=1` (`scripts/make-alerting`) writes them; otherwise this says what is not current.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::harness::{prometheus, real, root};

#[derive(Deserialize)]
struct Definition {
    record: Vec<Record>,
    rule: Vec<Rule>,
}

#[derive(Deserialize)]
struct Record {
    name: String,
    expr: String,
}

#[derive(Deserialize)]
struct Rule {
    name: String,
    about: About,
    pages: bool,
    severity: String,
    expr: String,
    #[serde(rename = "for")]
    wait: String,
    keep_firing_for: Option<String>,
    summary: String,
    description: String,
    at: String,
    fires: Vec<String>,
    silent: Vec<String>,
}

#[derive(Deserialize, PartialEq, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum About {
    World,
    Daemon,
}

/// Which path pages for the world: the shipped default leaves it to the sinks.
#[derive(Clone, Copy, PartialEq)]
enum Paging {
    Notify,
    Metrics,
}

const RUNBOOKS: &str = "https://demarche.example/runbooks";
const MADE: &str = "# Made from deploy/alerting/rules.toml by scripts/make-alerting: do not edit.\n";

fn definition() -> Definition {
    let text = std::fs::read_to_string(root().join("deploy/alerting/rules.toml")).expect("the definition");
    toml::from_str(&text).unwrap_or_else(|e| panic!("deploy/alerting/rules.toml: {e}"))
}

impl Rule {
    fn page(&self, paging: Paging) -> &'static str {
        let may = self.about == About::Daemon || paging == Paging::Metrics;
        if self.pages && may { "yes" } else { "no" }
    }

    fn annotations(&self) -> Value {
        json!({
            "summary": self.summary, "description": self.description,
            "runbook_url": format!("{RUNBOOKS}/{}", self.name),
        })
    }

    fn labels(&self, paging: Paging) -> Value {
        json!({ "severity": self.severity, "page": self.page(paging) })
    }
}

/// Block-style YAML; strings are double-quoted as in JSON, which YAML takes.
fn yaml(value: &Value, depth: usize, out: &mut String) {
    let pad = "  ".repeat(depth);
    let is_flat = |v: &Value| {
        !matches!(v, Value::Object(m) if !m.is_empty()) && !matches!(v, Value::Array(a) if !a.is_empty())
    };
    match value {
        Value::Object(fields) => {
            for (at, (name, v)) in fields.iter().enumerate() {
                let pad = if at == 0 && out.ends_with("- ") { "" } else { &pad };
                let _ = write!(out, "{pad}{name}:");
                nested(v, is_flat(v), depth + 1, out);
            }
        }
        Value::Array(items) => {
            for v in items {
                let _ = write!(out, "{pad}- ");
                if is_flat(v) {
                    let _ = writeln!(out, "{v}");
                } else {
                    yaml(v, depth + 1, out);
                }
            }
        }
        flat => {
            let _ = writeln!(out, "{pad}{flat}");
        }
    }
}

fn nested(value: &Value, is_flat: bool, depth: usize, out: &mut String) {
    if is_flat {
        let _ = writeln!(out, " {value}");
    } else {
        out.push('\n');
        yaml(value, depth, out);
    }
}

fn file(value: &Value) -> String {
    let mut text = MADE.to_owned();
    yaml(value, 0, &mut text);
    text
}

fn alerts(definition: &Definition, about: About, paging: Paging) -> Vec<Value> {
    let rule = |r: &Rule| {
        let mut alert = json!({
            "alert": r.name, "expr": r.expr, "for": r.wait, "labels": r.labels(paging), "annotations": r.annotations(),
        });
        if let Some(keep) = &r.keep_firing_for {
            alert["keep_firing_for"] = json!(keep);
        }
        alert
    };
    definition.rule.iter().filter(|r| r.about == about).map(rule).collect()
}

fn prometheus_rules(definition: &Definition, about: About, paging: Paging) -> String {
    let name = if about == About::World { "demarche-world" } else { "demarche-daemon" };
    file(
        &json!({ "groups": [{ "name": name, "interval": "30s", "rules": alerts(definition, about, paging) }] }),
    )
}

fn recording_rules(definition: &Definition) -> String {
    let rules: Vec<Value> =
        definition.record.iter().map(|r| json!({ "record": r.name, "expr": r.expr })).collect();
    file(&json!({ "groups": [{ "name": "demarche-recording", "interval": "30s", "rules": rules }] }))
}

/// Two cases a rule, by the synthetic ALERTS series, so that the words of annotations are not repeated here.
fn rule_tests(definition: &Definition) -> String {
    let case = |rule: &Rule, series: &[String], firing: u8| {
        let input: Vec<Value> = series
            .iter()
            .map(|line| {
                let cut = line.rfind('}').map_or_else(|| line.find(' ').expect("values"), |at| at + 1);
                json!({ "series": line[..cut].trim(), "values": line[cut..].trim() })
            })
            .collect();
        let expr = format!("count(ALERTS{{alertname=\"{}\",alertstate=\"firing\"}}) or vector(0)", rule.name);
        json!({
            "name": format!("{} {}", rule.name, if firing == 1 { "fires" } else { "stays silent" }),
            "interval": "1m",
            "input_series": input,
            "promql_expr_test": [{ "expr": expr, "eval_time": rule.at, "exp_samples": [{ "labels": "{}", "value": firing }] }],
        })
    };
    let tests: Vec<Value> =
        definition.rule.iter().flat_map(|r| [case(r, &r.fires, 1), case(r, &r.silent, 0)]).collect();
    let files = ["../recording.rules.yml", "../world.rules.yml", "../daemon.rules.yml"];
    file(&json!({ "rule_files": files, "evaluation_interval": "30s", "tests": tests }))
}

/// Recording rules do not exist in Grafana: their names are replaced by what they stand for.
fn spelled_out(definition: &Definition, expr: &str) -> String {
    let mut expr = expr.to_owned();
    for record in &definition.record {
        while let Some(at) = expr.find(&record.name) {
            let after = &expr[at + record.name.len()..];
            let matchers = after.strip_prefix('{').and_then(|a| a.split_once('}')).map(|(m, _)| m.to_owned());
            let (selector, length) = match &matchers {
                Some(m) => (format!("{{{m}}}"), m.len() + 2),
                None => (String::new(), 0),
            };
            let range = expr[at + record.name.len() + length..].starts_with('[');
            let inner = match &matchers {
                Some(m) => record.expr.replacen("demarche_tension", &format!("demarche_tension{{{m}}}"), 1),
                None => record.expr.clone(),
            };
            // A range over an expression is a subquery.
            let rest = expr[at + record.name.len() + selector.len()..].to_owned();
            let rest = if range { rest.replacen(']', ":]", 1) } else { rest };
            expr = format!("{}({inner}){rest}", &expr[..at]);
        }
    }
    expr
}

/// Grafana reads `$` in these files as an environment variable: `$$` is a dollar.
fn escaped(value: &mut Value) {
    match value {
        Value::String(text) => *text = text.replace('$', "$$"),
        Value::Array(items) => items.iter_mut().for_each(escaped),
        Value::Object(fields) => fields.values_mut().for_each(escaped),
        _ => {}
    }
}

fn grafana_rule(definition: &Definition, rule: &Rule) -> Value {
    // What fires is a series, whatever its value: Grafana's threshold wants a 1.
    let expr = format!("({}) * 0 + 1", spelled_out(definition, &rule.expr));
    let prometheus = json!({ "type": "prometheus", "uid": "demarche-prometheus" });
    let mut made = json!({
        "uid": rule.name.to_lowercase(),
        "title": rule.name,
        "condition": "C",
        "for": rule.wait,
        "noDataState": "OK",
        "execErrState": "Error",
        "labels": rule.labels(Paging::Notify),
        "annotations": rule.annotations(),
        "data": [
            {
                "refId": "A", "datasourceUid": "demarche-prometheus", "relativeTimeRange": { "from": 600, "to": 0 },
                "model": { "refId": "A", "datasource": prometheus, "expr": expr, "instant": true, "range": false },
            },
            {
                "refId": "C", "datasourceUid": "__expr__", "relativeTimeRange": { "from": 600, "to": 0 },
                "model": {
                    "refId": "C", "type": "threshold", "expression": "A",
                    "datasource": { "type": "__expr__", "uid": "__expr__" },
                    "conditions": [{ "evaluator": { "type": "gt", "params": [0] } }],
                },
            },
        ],
    });
    if let Some(keep) = &rule.keep_firing_for {
        made["keepFiringFor"] = json!(keep);
    }
    escaped(&mut made);
    made
}

fn grafana_rules(definition: &Definition) -> String {
    let group = |about: About, name: &str| {
        let rules: Vec<Value> = definition
            .rule
            .iter()
            .filter(|r| r.about == about)
            .map(|r| grafana_rule(definition, r))
            .collect();
        json!({ "orgId": 1, "name": name, "folder": "demarche", "interval": "1m", "rules": rules })
    };
    let groups = [group(About::World, "demarche-world"), group(About::Daemon, "demarche-daemon")];
    file(&json!({ "apiVersion": 1, "groups": groups }))
}

/// The same groups for the Prometheus operator.
fn operator_rules(d: &Definition) -> String {
    let records: Vec<Value> = d.record.iter().map(|r| json!({ "record": r.name, "expr": r.expr })).collect();
    let groups = json!([
        { "name": "demarche-recording", "interval": "30s", "rules": records },
        { "name": "demarche-world", "interval": "30s", "rules": alerts(d, About::World, Paging::Notify) },
        { "name": "demarche-daemon", "interval": "30s", "rules": alerts(d, About::Daemon, Paging::Notify) },
    ]);
    file(&json!({
        "apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule",
        "metadata": { "name": "demarche" }, "spec": { "groups": groups },
    }))
}

/// Every made file with its content.
fn made() -> Vec<(&'static str, String)> {
    let d = definition();
    vec![
        ("deploy/prometheus/recording.rules.yml", recording_rules(&d)),
        ("deploy/prometheus/world.rules.yml", prometheus_rules(&d, About::World, Paging::Notify)),
        (
            "deploy/prometheus/paging-metrics/world.rules.yml",
            prometheus_rules(&d, About::World, Paging::Metrics),
        ),
        ("deploy/prometheus/daemon.rules.yml", prometheus_rules(&d, About::Daemon, Paging::Notify)),
        ("deploy/prometheus/tests/rules_test.yml", rule_tests(&d)),
        ("deploy/grafana/provisioning/alerting/rules.yaml", grafana_rules(&d)),
        ("deploy/kubernetes/prometheusrule.yaml", operator_rules(&d)),
    ]
}

#[test]
fn what_is_made_is_current() {
    let write = std::env::var("DEMARCHE_WRITE").is_ok();
    let mut stale = Vec::new();
    for (name, text) in made() {
        let path = root().join(name);
        if write {
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
            std::fs::write(&path, text).expect("the file");
        } else if std::fs::read_to_string(&path).unwrap_or_default() != text {
            stale.push(name);
        }
    }
    assert!(stale.is_empty(), "not current, run scripts/make-alerting: {stale:?}");
}

#[test]
fn every_rule_has_a_runbook_and_every_runbook_a_rule() {
    let mut names: Vec<String> = definition().rule.iter().map(|r| format!("{}.md", r.name)).collect();
    names.sort();
    let folder = std::fs::read_dir(root().join("docs/runbooks")).expect("the runbooks");
    let mut pages: Vec<String> =
        folder.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    pages.retain(|p| p != "README.md");
    pages.sort();
    assert_eq!(names, pages);
    for page in pages {
        let text = std::fs::read_to_string(root().join("docs/runbooks").join(&page)).expect("UTF-8");
        for part in ["## Meaning", "## Impact", "## Diagnosis", "## Mitigation"] {
            assert!(text.contains(part), "{page} lacks {part}");
        }
    }
}

#[test]
fn world_rules_page_only_where_metrics_page() {
    let d = definition();
    let pages = |paging| prometheus_rules(&d, About::World, paging).matches("page: \"yes\"").count();
    assert_eq!(pages(Paging::Notify), 0);
    assert_eq!(pages(Paging::Metrics), d.rule.iter().filter(|r| r.about == About::World && r.pages).count());
}

#[test]
fn promtool_finds_the_rules_clean_and_they_fire_and_stay_silent() {
    let program = real!(prometheus::promtool());
    let files = made();
    let rules: Vec<&str> = files.iter().map(|(n, _)| *n).filter(|n| n.ends_with(".rules.yml")).collect();
    let run = |arguments: &[&str]| {
        let output = std::process::Command::new(&program)
            .args(arguments)
            .current_dir(root())
            .output()
            .expect("promtool runs");
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {text}");
    };
    for name in rules {
        run(&["check", "rules", "--lint=all", "--lint-fatal", name]);
    }
    run(&["test", "rules", "deploy/prometheus/tests/rules_test.yml"]);
}

/// Every expression of the dashboards and the rules, spelled out for Grafana.
fn expressions() -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let folder = std::fs::read_dir(root().join("deploy/grafana/dashboards")).expect("the dashboards");
    for path in folder.map(|e| e.expect("an entry").path()) {
        let board: Value =
            serde_json::from_str(&std::fs::read_to_string(&path).expect("UTF-8")).expect("JSON");
        for panel in board["panels"].as_array().expect("panels") {
            for target in panel["targets"].as_array().expect("targets") {
                let title = panel["title"].as_str().unwrap_or_default().to_owned();
                found.push((title, target["expr"].as_str().expect("an expression").to_owned()));
            }
        }
    }
    found
}

/// Panels that are rightly empty where no sink but the log was told, no dyad is watched, or nothing went wrong.
const MAY_BE_EMPTY: [&str; 3] = ["Tension by pair", "From article to alert", "Deliveries a minute, by sink"];

#[test]
fn every_panel_has_data_from_a_daemon_that_runs() {
    use crate::harness::{daemon::Daemon, prometheus::Prometheus, wait_until};
    use std::time::Duration;
    let running = Daemon::start("", &["--embedded"]);
    let target = running.ops.clone();
    let config = format!(
        "global: {{ scrape_interval: 1s }}\nscrape_configs:\n- job_name: demarche\n  static_configs: [{{ targets: [\"{target}\"] }}]\n"
    );
    let server = real!(Prometheus::start(&config));
    // An alert, and a few scrapes, so that rates have two ends.
    wait_until(Duration::from_secs(120), "an alert is scraped", || {
        let result = server.query("sum(demarche_alerts_total)%20%3E%200");
        result.as_array().is_some_and(|r| !r.is_empty()).then_some(())
    });
    wait_until(Duration::from_secs(60), "several scrapes", || {
        let result = server.query("count_over_time(demarche_ready%5B5m%5D)%20%3E%203");
        result.as_array().is_some_and(|r| !r.is_empty()).then_some(())
    });
    let encode = |text: &str| -> String { text.bytes().map(|b| format!("%{b:02X}")).collect() };
    let mut empty = Vec::new();
    for (title, expr) in expressions() {
        let answer = server.api(&format!("/api/v1/query?query={}", encode(&expr)));
        assert_eq!(answer["status"], "success", "{title}: {expr}: {answer}");
        let is_empty = answer["data"]["result"].as_array().is_none_or(Vec::is_empty);
        if is_empty && !MAY_BE_EMPTY.contains(&title.as_str()) {
            empty.push(format!("{title}: {expr}"));
        }
    }
    let d = definition();
    for rule in &d.rule {
        let answer = server.api(&format!("/api/v1/query?query={}", encode(&spelled_out(&d, &rule.expr))));
        assert_eq!(answer["status"], "success", "{}: {answer}", rule.name);
    }
    assert!(empty.is_empty(), "empty panels: {empty:#?}");
    let checked = prometheus::run_promtool(&["check", "metrics"], &running.metrics()).expect("promtool runs");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    running.kill();
}

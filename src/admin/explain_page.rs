//! "Should this have fired?": paste a text, see what the rules make of it, sentence by sentence.

use axum::extract::{Extension, Form, State};
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::context;
use serde_json::Value;

use super::api::explained;
use super::auth::Scope;
use super::clean;
use super::examples;
use super::http::Web;
use super::pages::Rendering;
use super::services::Article;

pub async fn ask(State(web): State<Web>, Extension(scope): Extension<Scope>) -> Response {
    Rendering::new(&web, scope).page("explain.html", context! { nav => "explain" })
}

pub async fn explain(
    State(web): State<Web>,
    Extension(scope): Extension<Scope>,
    Form(article): Form<Article>,
) -> Response {
    let rendering = Rendering::new(&web, scope);
    let own = context! { nav => "explain", title => article.title.clone(), body => article.body.clone() };
    match explained(&web, article.clone()).await {
        Ok(mut result) => {
            clean_values(&mut result);
            let todo = todo_example(&article, &result);
            rendering.page("explain.html", context! { result, todo, ..own })
        }
        Err(fault) => {
            let status = if fault.status == StatusCode::BAD_REQUEST { fault.status } else { StatusCode::OK };
            rendering.status(status).page("explain.html", context! { fault => fault.message, ..own })
        }
    }
}

fn clean_values(value: &mut Value) {
    match value {
        Value::String(text) => *text = clean::text(text),
        Value::Array(items) => items.iter_mut().for_each(clean_values),
        Value::Object(fields) => fields.values_mut().for_each(clean_values),
        _ => {}
    }
}

/// The text as a `todo` example for a rule pack, for an analyst to complete.
fn todo_example(article: &Article, result: &Value) -> String {
    let signals = result.get("signals").and_then(Value::as_array).map_or(0, Vec::len);
    let comment = format!("{signals} signals today; what should it be?");
    examples::todo(&comment, &format!("{} {}", article.title, article.body), None)
}

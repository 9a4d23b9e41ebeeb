//! Slack. An incoming webhook cannot be undone: each material change is a message of its own. With a bot's token the
//! message is updated in place, and what wakes is answered in its thread besides.

use serde_json::{Value, json};

use super::clean::one_line;
use super::delivery::Delivery;
use super::message::Facts;

/// Slack's limits: characters of a header, of a section, of the fallback text.
const HEADER_MAX: usize = 145;
const SECTION_MAX: usize = 2_900;
const TEXT_MAX: usize = 3_000;

/// The message. `plain` are the facts as they are, `marked` those escaped for mark-up, `text` the rendered template.
pub fn message(plain: &Facts, marked: &Facts, text: &str) -> Value {
    let badge = match (plain.closed, plain.digest.is_some(), plain.page) {
        (true, ..) => "✔",
        (_, true, _) => "≡",
        (_, _, true) => "▲",
        _ => "•",
    };
    let section = |kind: &str, text: String| json!({"type": "section", "text": {"type": kind, "text": text}});
    let mut blocks = vec![json!({
        "type": "header",
        "text": {"type": "plain_text", "emoji": false,
            "text": one_line(&format!("{badge} {}", plain.headline), HEADER_MAX)},
    })];
    if plain.digest.is_none() && !plain.sentence.is_empty() {
        // Plain text: what stands in it cannot be a link or a mention.
        let quote = format!("“{}” ({})", plain.sentence, plain.publisher);
        blocks.push(section("plain_text", one_line(&quote, SECTION_MAX)));
    }
    blocks.extend(chunks(text).into_iter().map(|part| section("mrkdwn", part)));
    json!({
        "text": one_line(&marked.headline, TEXT_MAX),
        "blocks": blocks,
        "unfurl_links": false,
        "unfurl_media": false,
    })
}

/// Whole lines, so that no link is cut; a line that is too long by itself is left out.
fn chunks(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for line in text.lines().filter(|l| !l.trim().is_empty() && l.chars().count() < SECTION_MAX) {
        let last = parts.last().map_or(0, |p| p.chars().count());
        if last + line.chars().count() + 1 > SECTION_MAX {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut() {
            part.push_str(line);
            part.push('\n');
        }
    }
    parts.retain(|p| !p.is_empty());
    parts.truncate(40);
    parts
}

/// The call of the Web API: its method and body.
pub fn call(delivery: &Delivery, mut message: Value, channel: &str) -> (&'static str, Value) {
    message["channel"] = channel.into();
    let before = delivery.before.as_ref().filter(|b| !b.is_digest);
    if let Some(ts) = before.and_then(|b| b.reference.as_ref()) {
        message["ts"] = ts.as_str().into();
        return ("chat.update", message);
    }
    // Only a message's own name can be answered.
    if let Some(ts) = delivery.told.joins.as_ref().filter(|ts| ts.contains('.')) {
        message["thread_ts"] = ts.as_str().into();
        message["reply_broadcast"] = delivery.told.wakes.into();
    }
    ("chat.postMessage", message)
}

/// What is said in the thread when an update wakes: an edit notifies nobody.
pub fn nudge(marked: &Facts, channel: &str, ts: &str) -> Value {
    json!({
        "channel": channel, "thread_ts": ts, "reply_broadcast": true,
        "text": one_line(&marked.headline, TEXT_MAX), "unfurl_links": false,
    })
}

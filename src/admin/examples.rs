//! What went wrong, as `todo` examples for a rule pack: an analyst writes what should have come out, and moves on.

use super::clean;
use super::services::Services;
use crate::alert::{Judgement, Verdict};
use crate::article::Time;

/// The longest text of an example, in characters.
const TEXT_MAX: usize = 600;
/// Examples in one answer.
const EXAMPLES_MAX: usize = 200;

/// One `[[todo]]` with a comment above it. It expects nothing until somebody writes what it should.
pub fn todo(comment: &str, text: &str, published_at: Option<Time>) -> String {
    let quoted = toml::Value::String(clean::line(text, TEXT_MAX));
    let date = published_at.map(|t| format!("published-at = \"{t}\"\n")).unwrap_or_default();
    format!("# {}\n[[todo]]\ntext = {quoted}\n{date}expect = []\n", clean::line(comment, TEXT_MAX))
}

/// The alerts that people called wrong and that are still in memory, newest verdict first.
pub fn of_verdicts(services: &Services) -> String {
    let wrong = |v: &Verdict| !matches!(v.verdict, Judgement::Right | Judgement::Duplicate);
    let mut verdicts: Vec<Verdict> = services.control.verdicts().into_iter().filter(wrong).collect();
    verdicts.sort_by(|a, b| b.at.cmp(&a.at).then(a.episode_id.cmp(&b.episode_id)));
    let example = |verdict: &Verdict| {
        let alert = services.view.get(&verdict.episode_id)?;
        let item = alert.evidence.first()?;
        let act = services.names.act(&alert.headline);
        let comment = format!(
            "{}, episode {}: {}; it said: {act}. {}",
            item.rule.id,
            alert.episode_id,
            verdict.verdict.as_str(),
            verdict.comment
        );
        Some(todo(&comment, &item.evidence.sentence, Some(item.published_at)))
    };
    let examples: Vec<String> = verdicts.iter().filter_map(example).take(EXAMPLES_MAX).collect();
    examples.join("\n")
}

#[cfg(test)]
mod tests {
    use super::todo;

    #[test]
    fn a_todo_is_toml_whatever_stands_in_the_text() {
        let text = todo("a \"rule\"\nexpect = [1]", "He said: \"'''no'''\" \\ and\nleft.", None);
        let table: toml::Table = text.parse().unwrap();
        let example = &table["todo"].as_array().unwrap()[0];
        assert_eq!(example["text"].as_str(), Some("He said: \"'''no'''\" \\ and left."));
        assert!(example["expect"].as_array().unwrap().is_empty());
    }
}

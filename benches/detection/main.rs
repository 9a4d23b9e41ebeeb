//! `cargo bench`: detection and its parts on made-up news, first each by itself (divan), then as ratios to a plain rival
//! that runs in turns with it. `cargo bench -- --test` runs everything once.

mod news;
mod ratio;
mod rival;

use std::sync::LazyLock;

use demarche::article;
use demarche::config::Packs;
use demarche::detect::{Scratch, detect};
use demarche::rules::Ruleset;
use demarche::text::{Parse, ParseScratch, Parser, Segmented, Word, segment};
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use news::Style;
use rival::Rival;

const ARTICLES: usize = 200;
const SEED: u64 = 20_250_301;

static RULES: LazyLock<Ruleset> =
    LazyLock::new(|| Packs::default().load().expect("the shipped packs compile"));
static RIVAL: LazyLock<Rival> =
    LazyLock::new(|| Rival::new(&RULES).expect("an automaton of the packs' phrases"));
static GENERAL: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| news::records(Style::General, ARTICLES, SEED));
static DENSE: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| news::records(Style::Dense, ARTICLES, SEED));
static BODIES: LazyLock<Vec<String>> = LazyLock::new(|| news::bodies(Style::General, ARTICLES, SEED));
static SENTENCES: LazyLock<Vec<Vec<String>>> = LazyLock::new(sentences);

fn main() {
    if !std::env::args().any(|argument| argument == "--list") {
        warm_up();
    }
    divan::main();
    let is_test = std::env::args().any(|argument| argument == "--test");
    let is_whole =
        !std::env::args().skip(1).any(|argument| argument == "--list" || !argument.starts_with("--"));
    if is_whole {
        ratios(if is_test { 1 } else { 12 });
    }
}

/// Packs, model, automaton and news are made before anything is timed.
fn warm_up() {
    for records in [&GENERAL, &DENSE] {
        signals(&records[0], &mut Scratch::default());
        RIVAL.count(&records[0]);
    }
    count_tokens();
    parse(&SENTENCES[0], &mut ParseScratch::default(), &mut Parse::default());
}

/// Detection, JSON in to signals out: the number of signals.
fn signals(record: &[u8], scratch: &mut Scratch) -> usize {
    let article = article::read(record).expect("a record of our own");
    detect(&RULES, &article, article.published_at, scratch).signals.len()
}

/// The words of every sentence of the signal-dense news.
fn sentences() -> Vec<Vec<String>> {
    let mut list = Vec::new();
    let mut cut = Segmented::default();
    for text in news::bodies(Style::Dense, ARTICLES, SEED) {
        segment(&text, &mut cut);
        for span in &cut.sentences {
            let tokens = &cut.tokens[span.first as usize..span.last as usize];
            list.push(tokens.iter().map(|token| token.text(&text).to_owned()).collect());
        }
    }
    list
}

fn parse(words: &[String], scratch: &mut ParseScratch, out: &mut Parse) -> usize {
    let words: Vec<Word<'_>> = words.iter().map(|form| Word { form, hint: None }).collect();
    Parser::builtin().parse(&words, scratch, out);
    out.head.len()
}

fn cut(text: &str, out: &mut Segmented) -> usize {
    segment(text, out);
    out.tokens.len()
}

fn count_tokens() -> usize {
    let mut out = Segmented::default();
    BODIES.iter().map(|text| cut(text, &mut out)).sum()
}

fn bytes(records: &[Vec<u8>]) -> usize {
    records.iter().map(Vec::len).sum()
}

#[divan::bench_group(sample_count = 20)]
mod each {
    use super::*;

    fn detection(bencher: Bencher, records: &[Vec<u8>]) {
        let mut scratch = Scratch::default();
        bencher
            .counter(ItemsCount::new(records.len()))
            .counter(BytesCount::new(bytes(records)))
            .bench_local(|| records.iter().map(|record| signals(record, &mut scratch)).sum::<usize>());
    }

    fn rival(bencher: Bencher, records: &[Vec<u8>]) {
        bencher
            .counter(ItemsCount::new(records.len()))
            .counter(BytesCount::new(bytes(records)))
            .bench_local(|| records.iter().map(|record| RIVAL.count(record)).sum::<usize>());
    }

    #[divan::bench]
    fn detection_general(bencher: Bencher) {
        detection(bencher, &GENERAL);
    }

    #[divan::bench]
    fn rival_general(bencher: Bencher) {
        rival(bencher, &GENERAL);
    }

    #[divan::bench]
    fn detection_dense(bencher: Bencher) {
        detection(bencher, &DENSE);
    }

    #[divan::bench]
    fn rival_dense(bencher: Bencher) {
        rival(bencher, &DENSE);
    }

    /// Items are sentences.
    #[divan::bench]
    fn parser(bencher: Bencher) {
        let (mut scratch, mut out) = (ParseScratch::default(), Parse::default());
        bencher.counter(ItemsCount::new(SENTENCES.len())).bench_local(|| {
            SENTENCES.iter().map(|words| parse(words, &mut scratch, &mut out)).sum::<usize>()
        });
    }

    /// Items are tokens.
    #[divan::bench]
    fn cutter(bencher: Bencher) {
        let mut out = Segmented::default();
        let all: usize = BODIES.iter().map(String::len).sum();
        bencher
            .counter(ItemsCount::new(count_tokens()))
            .counter(BytesCount::new(all))
            .bench_local(|| BODIES.iter().map(|text| cut(text, &mut out)).sum::<usize>());
    }
}

/// Prints the table of ratios.
fn ratios(rounds: usize) {
    println!(
        "\n{ARTICLES} articles of {} bytes a set, {} phrases",
        bytes(&GENERAL) / ARTICLES,
        RIVAL.phrases
    );
    let mut scratch = Scratch::default();
    for (name, records) in [("general news", &*GENERAL), ("signal-dense news", &*DENSE)] {
        let found: usize = records.iter().map(|record| signals(record, &mut scratch)).sum();
        let ours = |record: &Vec<u8>| signals(record, &mut scratch);
        let pair = ratio::compare(records, rounds, ours, |record| RIVAL.count(record));
        let (a, b) = (micros(pair.ours) / ARTICLES as f64, micros(pair.rival) / ARTICLES as f64);
        println!(
            "detection, {name:<18} {a:8.1} µs an article, rival {b:8.1} µs: {:5.2} × as fast ({found} signals, {:.0} articles/s)",
            pair.ratio(),
            1e6 / a,
        );
    }
    let (mut work, mut tree) = (ParseScratch::default(), Parse::default());
    let words: usize = SENTENCES.iter().map(Vec::len).sum();
    let time = ratio::alone(&SENTENCES, rounds.min(10), |list| parse(list, &mut work, &mut tree));
    let count = SENTENCES.len() as f64;
    println!(
        "parser    {:8.1} µs a sentence of {:.1} words: {:.0} sentences/s",
        micros(time) / count,
        words as f64 / count,
        count / time.as_secs_f64(),
    );
    let (mut out, tokens) = (Segmented::default(), count_tokens() as f64);
    let time = ratio::alone(&BODIES, rounds, |text| cut(text, &mut out));
    println!("cutter    {:.1} million tokens/s", tokens / micros(time));
}

fn micros(time: std::time::Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

//! Trains the tagger and parser: `cargo run --release --example train_parser -- TRAIN.conllu DEV.conllu OUT`.
//!
//! TRAIN and DEV are CoNLL-U files (Universal Dependencies, English), plain or `.xz`.

mod newswire;

use std::path::Path;

use anyhow::{Context, Result, bail};
use demarche::text::Parser;
use demarche::text::train::{Dice, Gold, Plan, join_names, measure, read_conllu, train};

fn read(path: &str) -> Result<Vec<Gold>> {
    let bytes = std::fs::read(Path::new(path)).with_context(|| format!("reading {path}"))?;
    let text = if path.ends_with(".xz") {
        let mut out = Vec::new();
        lzma_rs::xz_decompress(&mut bytes.as_slice(), &mut out)
            .with_context(|| format!("unpacking {path}"))?;
        String::from_utf8(out)?
    } else {
        String::from_utf8(bytes)?
    };
    Ok(read_conllu(&text))
}

/// The treebank, a copy with names joined, and some sentences in lower case or without their last mark.
fn augmented(sentences: &[Gold]) -> Vec<Gold> {
    let mut dice = Dice(20_240_601);
    let mut list = Vec::new();
    for gold in sentences {
        list.push(gold.clone());
        let mut joined = join_names(gold, &mut dice);
        if dice.chance(8) {
            joined.forms.iter_mut().for_each(|form| *form = form.to_lowercase());
        }
        if joined.forms.len() != gold.forms.len() || dice.chance(25) {
            list.push(joined);
        }
    }
    list
}

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let [_, train_path, dev_path, out] = args.as_slice() else {
        bail!("usage: train_parser TRAIN.conllu DEV.conllu OUT");
    };
    let (sentences, dev) = (read(train_path)?, read(dev_path)?);
    let epochs = std::env::var("EPOCHS").ok().and_then(|e| e.parse().ok()).unwrap_or(10);
    let least = std::env::var("LEAST").ok().and_then(|e| e.parse().ok()).unwrap_or(0.15);
    let made: usize = std::env::var("MADE").ok().and_then(|m| m.parse().ok()).unwrap_or(6_000);
    let list = augmented(&sentences);
    let mut newswire = newswire::Newswire { dice: Dice(20_250_603) };
    let mut list = list;
    list.extend((0..made).map(|_| newswire.sentence()));
    if let Ok(path) = std::env::var("SHOW") {
        let lines: Vec<String> = (0..200).map(|_| newswire.sentence().forms.join(" ")).collect();
        std::fs::write(path, lines.join("\n"))?;
    }
    eprintln!("{} sentences, {} with those made from them", sentences.len(), list.len());
    let model = train(&list, Plan { epochs, seed: 7, least }, |epoch, wrong| {
        eprintln!("epoch {epoch}: {wrong} wrong moves")
    });
    let packed = zstd::encode_all(model.as_slice(), 19)?;
    let parser = Parser::from_bytes(&packed)?;
    let [pos, uas, las] = measure(&parser, &dev);
    eprintln!(
        "dev: part of speech {pos:.4}, heads {uas:.4}, heads with labels {las:.4}; {} bytes",
        packed.len()
    );
    std::fs::write(out, packed).with_context(|| format!("writing {out}"))
}

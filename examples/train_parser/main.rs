//! Trains the tagger and parser: `train_parser TRAIN.conllu DEV.conllu OUT` (`.xz` is unpacked).

use anyhow::{Context, Result, bail};
mod figures;
mod newswire;

use demarche::text::Parser;
use demarche::text::train::{Dice, Gold, Plan, measure, read_conllu, train};

/// Sentences of our own making that are learnt from besides the treebank.
const MADE: usize = 5_000;

fn read(path: &str) -> Result<Vec<Gold>> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {path}"))?;
    let plain = if path.ends_with(".xz") {
        let mut plain = Vec::new();
        lzma_rs::xz_decompress(&mut bytes.as_slice(), &mut plain)
            .with_context(|| format!("cannot unpack {path}"))?;
        plain
    } else {
        bytes
    };
    Ok(read_conllu(&String::from_utf8(plain).with_context(|| format!("{path} is not UTF-8"))?))
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [train_path, dev_path, out_path] = &arguments[..] else {
        bail!("usage: train_parser TRAIN.conllu[.xz] DEV.conllu[.xz] OUT");
    };
    let (mut treebank, dev) = (read(train_path)?, read(dev_path)?);
    eprintln!("{} sentences to learn from, {} to measure on", treebank.len(), dev.len());
    let mut newswire = newswire::Newswire { dice: Dice::new(20_250_603) };
    treebank.extend((0..MADE).map(|_| newswire.sentence()));
    let model = train(&treebank, Plan::default(), &mut |line| eprintln!("{line}"))?;
    let found = measure(&Parser::from_bytes(&model)?, &dev);
    println!(
        "{} words: tags {:.4}, heads {:.4} (UAS), heads and relations {:.4} (LAS); {} bytes",
        found.words,
        found.tags_right,
        found.heads_right,
        found.arcs_right,
        model.len()
    );
    std::fs::write(out_path, model).with_context(|| format!("cannot write {out_path}"))
}

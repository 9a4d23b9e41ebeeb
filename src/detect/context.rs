//! What the text so far has spoken of: whom "it", "the country" and "the two neighbours" mean.

use crate::signal::Code;

/// How many actors are remembered; older ones are out of mind.
const RECENT_MAX: usize = 8;

/// The actors in mind at a point of the text.
#[derive(Default, Debug, Clone)]
pub struct Context {
    /// Actors of the last main subject.
    pub subject: Vec<Code>,
    /// States and groups by their last mention, the latest last.
    recent: Vec<Code>,
    /// Who offered last to mediate.
    pub mediator: Vec<Code>,
    /// Who was named in the sentence before.
    sentence: Vec<Code>,
    /// Sources and targets of the acts found so far, the latest last.
    pub acts: Vec<(Vec<Code>, Vec<Code>)>,
}

impl Context {
    /// A new sentence begins that names somebody.
    pub fn turn(&mut self) {
        self.sentence.clear();
    }

    /// Somebody was named.
    pub fn name(&mut self, code: Code) {
        if !self.sentence.contains(&code) {
            self.sentence.push(code);
        }
        self.recent.retain(|known| *known != code);
        self.recent.push(code);
        if self.recent.len() > RECENT_MAX {
            self.recent.remove(0);
        }
    }

    /// The one named last that fits.
    pub fn latest(&self, fits: impl Fn(&Code) -> bool) -> Option<Code> {
        self.recent.iter().rev().copied().find(|code| fits(code))
    }

    /// "both sides": the two of the sentence before, else those of the last act between two, else the two named last.
    pub fn pair(&self) -> Option<[Code; 2]> {
        if let [a, b] = self.sentence.as_slice() {
            return Some([*a, *b]);
        }
        if let Some([a, b]) = self.acts.iter().rev().map(sides).find(|s| s.len() == 2).as_deref() {
            return Some([*a, *b]);
        }
        let [.., a, b] = self.recent.as_slice() else { return None };
        Some([*a, *b])
    }

    /// The one named last that is none of `not`.
    pub fn latest_but(&self, not: &[Code]) -> Option<Code> {
        self.recent.iter().rev().copied().find(|code| !not.contains(code))
    }

    /// The two sides of the last act that none of `not` is a side of; else the two others named last.
    pub fn pair_without(&self, not: &[Code]) -> Option<Vec<Code>> {
        for act in self.acts.iter().rev() {
            let sides = sides(act);
            if sides.len() == 2 && !sides.iter().any(|side| not.contains(side)) {
                return Some(sides);
            }
        }
        let mut others = self.recent.iter().rev().copied().filter(|code| !not.contains(code));
        Some(vec![others.next()?, others.next()?])
    }

    /// Whom the article sets against `of`: the other side of the latest act with it, else who was named last.
    pub fn opponent(&self, of: &[Code]) -> Option<Vec<Code>> {
        for (source, target) in self.acts.iter().rev() {
            let has = |side: &[Code]| side.iter().any(|code| of.contains(code));
            let others =
                |side: &[Code]| side.iter().copied().filter(|code| !of.contains(code)).collect::<Vec<_>>();
            if has(source) && !others(target).is_empty() {
                return Some(others(target));
            }
            if has(target) && !others(source).is_empty() {
                return Some(others(source));
            }
        }
        self.latest_but(of).map(|code| vec![code])
    }

    /// Who acted last against one of `of`.
    pub fn assailant(&self, of: &[Code]) -> Option<Vec<Code>> {
        let (source, _) = self.acts.iter().rev().find(|(source, target)| {
            source != target
                && target.iter().any(|code| of.contains(code))
                && !source.is_empty()
                && !source.iter().any(|code| of.contains(code))
        })?;
        Some(source.clone())
    }

    /// How many actors are in mind.
    pub fn count(&self) -> usize {
        self.recent.len()
    }
}

/// Source and target of an act, each code once.
fn sides((source, target): &(Vec<Code>, Vec<Code>)) -> Vec<Code> {
    let mut sides: Vec<Code> = source.iter().chain(target).copied().collect();
    sides.sort_unstable();
    sides.dedup();
    sides
}

//! What the text so far has spoken of: whom "it", "the country" and "the two neighbours" mean.

use crate::signal::Code;

/// How many actors are remembered; older ones are out of mind.
const RECENT_MAX: usize = 8;

/// The actors in mind at a point of the text.
#[derive(Default, Debug, Clone)]
pub struct Context {
    /// Actors of the last main subject.
    pub subject: Vec<Code>,
    /// Who was quoted last.
    pub speaker: Option<Code>,
    /// States and groups by their last mention, the latest last.
    recent: Vec<Code>,
    /// Sources and targets of the acts found so far, the latest last.
    pub acts: Vec<(Vec<Code>, Vec<Code>)>,
}

impl Context {
    /// Somebody was named.
    pub fn name(&mut self, code: Code) {
        self.recent.retain(|known| *known != code);
        self.recent.push(code);
        if self.recent.len() > RECENT_MAX {
            self.recent.remove(0);
        }
    }

    /// The two named last: "both sides".
    pub fn pair(&self) -> Option<[Code; 2]> {
        let [.., a, b] = self.recent.as_slice() else { return None };
        Some([*a, *b])
    }

    /// The one named last that is none of `not`.
    pub fn latest_but(&self, not: &[Code]) -> Option<Code> {
        self.recent.iter().rev().copied().find(|code| !not.contains(code))
    }

    /// The sides of the last act, or the two named last.
    pub fn subject_pair(&self) -> Option<Vec<Code>> {
        match self.acts.last() {
            Some((source, target)) => Some(source.iter().chain(target).copied().collect()),
            None => self.pair().map(|pair| pair.to_vec()),
        }
    }

    /// How many actors are in mind.
    pub fn count(&self) -> usize {
        self.recent.len()
    }
}

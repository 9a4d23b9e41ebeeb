//! Where a frame looks for the actors of a role.

use std::str::FromStr;

/// One place of a sentence, seen from the trigger.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Slot {
    /// Who does it: subject, "by", possessor of a noun, subject of the light verb.
    Agent,
    /// Who or what it is done to: object, subject of a passive, "of" behind a noun.
    Object,
    /// Whose the object is: "its envoy to X", "X's airspace", "X ambassador".
    ObjectOwner,
    /// Possessor, adjective or compound of the trigger noun: "X's recall", "X strikes".
    Owner,
    /// The noun behind this preposition.
    Prep(String),
    /// Any actor below the trigger, the agent's words left out.
    Scope,
    /// Like `Scope`, but places only.
    Place,
    /// The other actors of the sentence.
    Sentence,
    /// The other side of the pair that the article is about.
    Article,
    /// Who acted against the source before in the text: what an alert answers.
    Answered,
    /// Whom the sentence gives as the reason or addressee: "an answer to X", "amid tensions with X".
    Reason,
    /// Who offered last to mediate.
    Mediator,
    /// The other parties of the treaty that is named.
    Parties,
    /// Who says so.
    Speaker,
    /// Sides of a disputed region or frontier named in the sentence.
    Region,
    /// The subject of the clause that the trigger stands in: "conveyed this in a call with X".
    Subject,
    /// The agent of the clause below: "demanded that X withdraw".
    CompAgent,
}

/// The text names no slot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown slot {0:?}")]
pub struct SlotError(pub String);

impl Slot {
    pub const NAMES: &'static str = "agent, object, object.owner, owner, to|from|with|against|on|in|at|over|\
         between|… (a preposition), scope, place, sentence, article, answered, reason, mediator, parties, speaker, region, subject, comp.agent";
}

impl FromStr for Slot {
    type Err = SlotError;

    fn from_str(text: &str) -> Result<Slot, SlotError> {
        Ok(match text {
            "agent" => Slot::Agent,
            "object" => Slot::Object,
            "object.owner" => Slot::ObjectOwner,
            "owner" => Slot::Owner,
            "scope" => Slot::Scope,
            "place" => Slot::Place,
            "sentence" => Slot::Sentence,
            "article" => Slot::Article,
            "answered" => Slot::Answered,
            "reason" => Slot::Reason,
            "mediator" => Slot::Mediator,
            "parties" => Slot::Parties,
            "speaker" => Slot::Speaker,
            "region" => Slot::Region,
            "comp.agent" => Slot::CompAgent,
            "subject" => Slot::Subject,
            "to" | "from" | "with" | "against" | "on" | "in" | "at" | "over" | "between" | "by" | "of"
            | "for" | "into" | "toward" | "towards" | "near" | "about" | "among" | "off" | "along"
            | "across" | "inside" | "within" | "through" | "onto" | "upon" | "behind" | "around"
            | "under" | "via" | "as" => Slot::Prep(text.to_owned()),
            _ => return Err(SlotError(text.to_owned())),
        })
    }
}

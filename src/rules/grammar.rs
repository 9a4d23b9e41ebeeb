//! The classes of function words and verbs that the detector's own grammar asks for by name.

use super::class::{Classes, Pattern};

macro_rules! grammar {
    ($($(#[$meta:meta])* $field:ident $name:literal;)*) => {
        /// Compiled from the classes of `config/rules/grammar.toml`.
        #[derive(Debug, Default, Clone)]
        pub struct Grammar { $($(#[$meta])* pub $field: Pattern,)* }

        impl Grammar {
            /// The classes that must be there.
            pub const NAMES: &'static [&'static str] = &[$($name,)*];

            pub(super) fn from_classes(classes: &Classes) -> Grammar {
                Grammar { $($field: classes.get($name),)* }
            }
        }
    };
}

grammar! {
    /// say, tell, report, announce: what follows is somebody's word.
    say "say";
    /// plan, threaten, consider, vow, may: what follows has not happened.
    plan "plan";
    /// refuse, decline, fail, avoid, stop short of: what follows does not happen.
    refuse "refuse";
    /// deny, dismiss, reject reports: what follows is denied.
    deny "deny";
    /// urge, call on, demand, ask: what follows is wanted of somebody else.
    request "request";
    /// accuse, blame: what follows is an allegation.
    accuse "accuse";
    /// accuse, condemn, sanction, declare: "its" behind them belongs to their object.
    blame "blame";
    /// begin, continue, move to, decide to, order: what follows happens.
    carry "carry";
    /// make, launch, carry out, impose, issue: gives its subject to the noun it holds.
    light "light";
    /// threaten, consider, prepare: a noun they hold has not happened, although they lend it their subject.
    ahead "ahead";
    /// halt, end, pause: a noun that undoes what hangs on it.
    undo_noun "undo-noun";
    /// hours, deadline: "48 hours to withdraw".
    deadline "deadline";
    /// hesitate: "will not hesitate to".
    hesitate "hesitate";
    /// end, lift, cancel, postpone, halt, reverse: undoes the noun it holds.
    undo "undo";
    /// possible, likely, planned, threatened, potential: a noun so called has not happened.
    hedge "hedge";
    /// if, unless, should, in case, in the event.
    condition "condition";
    /// plan, threat, possibility, proposal, call: a noun that keeps what hangs on it from being done.
    plan_noun "plan-noun";
    /// untrue, baseless, false reports: the sentence denies what it tells.
    untrue "untrue";
    /// denial, rumour, refusal.
    deny_noun "deny-noun";
    /// after, following, since, amid, in response to: what follows is background.
    after "after";
    /// earlier, previously, already, last week.
    earlier "earlier";
    /// anniversary, memoir, decades: the sentence tells history.
    history "history";
    /// columnist, analyst, poll, expert, book: whose word has no power over the act.
    powerless "powerless";
    /// government, ministry, minister, army, envoy: a noun that stands for its state.
    organ "organ";
    /// officials, troops, president …: people who act for a state.
    official "official";
    /// militant, gunman, insurgent: attackers without a name.
    attacker "attacker";
    /// opposition, party, lawmaker, governor, activist: in the state, not for it.
    nobody "nobody";
    /// police, officials, troops: without an owner they are those of the place that was named.
    bare "bare";
    /// offer, ready, willing: an offer is made by saying so.
    offer "offer";
    /// country, government, kingdom: "the country" is the one spoken of.
    definite "definite";
    /// country, side, neighbour, nation: "the two countries".
    pair "pair";
    /// treaty, accord, agreement, pact: a treaty without a name.
    treaty_noun "treaty-noun";
    /// ministry, government, parliament: of the state in whose capital it sits.
    ministry "ministry";
    /// agree, accept: with an infinitive a promise.
    promise "promise";
    /// first, last, only: "the first envoy to meet" has met.
    ordinal "ordinal";
    /// choice, option, doubt: "no choice but to" negates nothing.
    choice "choice";
    /// bill, law, decree: a paper that tells an act to come,
    bill "bill";
    /// and sign, pass, adopt, which make it one that is done.
    enact "enact";
    /// see, watch, let: their object acts in what follows.
    see "see";
    /// answer, reply, tension, deter: what hangs on it is the reason or the addressee of an act.
    reason "reason";
    /// vote, decide: what they are to do is done.
    decide "decide";
    /// foreign, peacekeeper, tourist, border: a second state has a part in it.
    international "international";
}

//! The records of the signals topic and their wire form: JSON values, told apart by the header `ce_type`.

mod code;
mod hash;
mod kind;
mod record;

pub use code::{CODE_MAX, Code, CodeError, Dyad};
pub use hash::{hex64, short_hash};
pub use kind::{Kind, KindError, Phase, Polarity, Recency, Root, Stance};
pub use record::{
    Act, ArticleRef, ArticleVersion, Class, Denial, Denied, Evidence, Field, Record, RecordError, RuleRef,
    Signal, Speaker, Told, Watermark,
};

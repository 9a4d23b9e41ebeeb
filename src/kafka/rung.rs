//! The error ladder: what a failed call of a transaction asks for.

use rdkafka::error::{KafkaError, RDKafkaErrorCode};

/// Steps of the ladder, the mildest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Rung {
    /// Call it again.
    Retry,
    /// Abort, and go back to the last commit.
    Abort,
    /// The outcome is unknown, or the producer is lost: a new producer ends what was open.
    NewProducer,
    /// Somebody else has this id, or the broker took ours for gone: a new producer once; then give way.
    Fenced,
}

impl Rung {
    /// What this error asks for.
    pub fn of(error: &KafkaError) -> Rung {
        if is_fenced(code(error)) {
            return Rung::Fenced;
        }
        match error {
            KafkaError::Transaction(e) if e.is_retriable() => Rung::Retry,
            KafkaError::Flush(_) => Rung::Retry,
            KafkaError::Transaction(e) if e.txn_requires_abort() => Rung::Abort,
            KafkaError::MessageProduction(_) => Rung::Abort,
            _ => Rung::NewProducer,
        }
    }

    /// The static member was replaced by another process with its id: no new client may go on.
    pub fn is_replaced(error: &KafkaError) -> bool {
        code(error) == RDKafkaErrorCode::FencedInstanceId
    }
}

fn code(error: &KafkaError) -> RDKafkaErrorCode {
    match error {
        KafkaError::Transaction(e) => e.code(),
        other => other.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::NoError),
    }
}

fn is_fenced(code: RDKafkaErrorCode) -> bool {
    use RDKafkaErrorCode::{Fenced, FencedInstanceId, InvalidProducerEpoch, ProducerFenced};
    matches!(code, Fenced | ProducerFenced | InvalidProducerEpoch | FencedInstanceId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_has_its_rung() {
        let flush = KafkaError::Flush(RDKafkaErrorCode::OperationTimedOut);
        assert_eq!(Rung::of(&flush), Rung::Retry);
        let lost = KafkaError::MessageProduction(RDKafkaErrorCode::MessageTimedOut);
        assert_eq!(Rung::of(&lost), Rung::Abort);
        let fenced = KafkaError::MessageProduction(RDKafkaErrorCode::ProducerFenced);
        assert_eq!(Rung::of(&fenced), Rung::Fenced);
        let other = KafkaError::ClientCreation("no".into());
        assert_eq!(Rung::of(&other), Rung::NewProducer);
        let replaced = KafkaError::MessageConsumption(RDKafkaErrorCode::FencedInstanceId);
        assert!(Rung::is_replaced(&replaced) && !Rung::is_replaced(&lost));
    }
}

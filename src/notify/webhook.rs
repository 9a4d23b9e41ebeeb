//! The generic webhook: CloudEvents JSON by POST, signed.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::clean;
use super::delivery::Delivery;
use super::message::Facts;
use crate::alert::Alert;

/// The CloudEvents type of a digest.
pub const DIGEST_TYPE: &str = "demarche.digest.v1";

/// The body of one delivery. The id is the same in a repeat.
pub fn body(delivery: &Delivery, facts: &Facts) -> Vec<u8> {
    let Some(alert) = delivery.alerts.first() else { return Vec::new() };
    let mut data = serde_json::json!({
        "headline": facts.headline,
        "sentence": facts.sentence,
        "page": facts.page,
        "late": facts.late,
        "changed": facts.changed,
        "link": facts.page_url,
        "silence_link": facts.silence_url,
        "verdict_link": facts.verdict_url,
        "alert": clean::alert(alert),
    });
    if let Some(why) = &facts.digest {
        data = serde_json::json!({
            "headline": facts.headline,
            "digest": why,
            "alerts": delivery.alerts.iter().take(100).map(|a| clean::alert(a)).collect::<Vec<Alert>>(),
            "unlisted": delivery.alerts.len().saturating_sub(100),
        });
    }
    let value = serde_json::json!({
        "specversion": "1.0",
        "id": format!("{}#{}", alert.episode_id, alert.revision),
        "source": "demarche",
        "type": if delivery.digest.is_some() { DIGEST_TYPE } else { Alert::CE_TYPE },
        "subject": alert.episode_id,
        "time": alert.updated_at,
        "datacontenttype": "application/json",
        "data": data,
    });
    value.to_string().into_bytes()
}

/// `sha256=…` over the body, for the header `X-Demarche-Signature`.
pub fn signature(key: &[u8], body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(body);
    let hex: String = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
    format!("sha256={hex}")
}

#[cfg(test)]
mod tests {
    use super::signature;

    #[test]
    fn signs_as_rfc_4231_says() {
        let expected = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signature(b"Jefe", b"what do ya want for nothing?"), expected);
    }
}

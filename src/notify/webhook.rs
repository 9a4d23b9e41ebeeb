//! The generic webhook: CloudEvents JSON by POST, signed.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::desk::Told;
use super::message::{headline, sentence};
use crate::alert::Alert;

/// The body of one delivery.
pub fn body(alert: &Alert, told: &Told, public_url: &str) -> Vec<u8> {
    let value = serde_json::json!({
        "specversion": "1.0",
        "id": format!("{}#{}", alert.episode_id, alert.revision),
        "source": "demarche",
        "type": Alert::CE_TYPE,
        "time": alert.updated_at,
        "datacontenttype": "application/json",
        "data": {
            "headline": headline(alert),
            "sentence": sentence(alert),
            "page": told.page,
            "late": told.is_late,
            "link": format!("{}/alerts/{}", public_url.trim_end_matches('/'), alert.episode_id),
            "alert": alert,
        },
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

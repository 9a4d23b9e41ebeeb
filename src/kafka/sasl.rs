//! OAUTHBEARER with client credentials: the token is fetched here, so that librdkafka needs no libcurl.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rdkafka::client::OAuthToken;

/// Where tokens come from; empty where the link is not OAUTHBEARER.
#[derive(Clone, Default)]
pub struct Tokens {
    endpoint: String,
    client_id: String,
    secret: String,
    scope: String,
}

#[derive(serde::Deserialize)]
struct Answer {
    access_token: String,
    expires_in: Option<u64>,
}

impl Tokens {
    /// From the properties `sasl.oauthbearer.token.endpoint.url`, `sasl.oauthbearer.client.id` and
    /// `sasl.oauthbearer.scope`; the secret comes from its file.
    pub fn new(kafka: &crate::config::Kafka, secret: Option<String>) -> Tokens {
        let get = |key: &str| kafka.properties.get(key).cloned().unwrap_or_default();
        Tokens {
            endpoint: get("sasl.oauthbearer.token.endpoint.url"),
            client_id: get("sasl.oauthbearer.client.id"),
            secret: secret.unwrap_or_default(),
            scope: get("sasl.oauthbearer.scope"),
        }
    }

    /// One token, by the client-credentials grant. Called on the client's own thread, never in the async runtime.
    ///
    /// # Errors
    /// The endpoint does not answer, or refuses.
    pub fn fetch(&self, _config: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        if self.endpoint.is_empty() {
            return Err("sasl.oauthbearer.token.endpoint.url is not set".into());
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let answer: Answer = runtime.block_on(async {
            let client = reqwest::Client::builder().timeout(Duration::from_secs(10)).build()?;
            let mut form = vec![("grant_type", "client_credentials")];
            if !self.scope.is_empty() {
                form.push(("scope", &self.scope));
            }
            let request =
                client.post(&self.endpoint).basic_auth(&self.client_id, Some(&self.secret)).form(&form);
            request.send().await?.error_for_status()?.json().await
        })?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let lifetime = Duration::from_secs(answer.expires_in.unwrap_or(300));
        Ok(OAuthToken {
            token: answer.access_token,
            principal_name: self.client_id.clone(),
            lifetime_ms: i64::try_from((now + lifetime).as_millis())?,
        })
    }
}

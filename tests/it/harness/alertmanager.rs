//! A real Alertmanager.

use std::time::Duration;

use super::http;
use super::process::Process;

pub struct Alertmanager {
    pub address: String,
    process: Process,
}

impl Alertmanager {
    /// Starts with `config` (the whole `alertmanager.yml`), or with one receiver that tells nobody.
    pub fn start(config: Option<&str>) -> Result<Self, String> {
        let program =
            super::find_tool(&["prometheus-alertmanager", "alertmanager"], "DEMARCHE_TEST_ALERTMANAGER")?;
        let dir = super::new_dir("alertmanager");
        let text = |file: &str| dir.join(file).to_str().expect("a path in UTF-8").to_owned();
        let nobody = "route: {receiver: nobody, group_wait: 0s}\nreceivers: [{name: nobody}]\n";
        std::fs::write(dir.join("alertmanager.yml"), config.unwrap_or(nobody)).map_err(|e| e.to_string())?;
        let address = format!("127.0.0.1:{}", super::free_port());
        let process = Process::start(
            &dir,
            &[
                program.to_str().expect("a path in UTF-8"),
                &format!("--config.file={}", text("alertmanager.yml")),
                &format!("--storage.path={}", text("data")),
                &format!("--web.listen-address={address}"),
                "--cluster.listen-address=",
            ],
        );
        let alertmanager = Self { address, process };
        super::wait_until(Duration::from_secs(30), "Alertmanager is ready", || {
            alertmanager.process.assert_alive();
            http::get(&alertmanager.address, "/-/ready").ok().filter(|a| a.status == 200)
        });
        Ok(alertmanager)
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The active alerts, as its API has them.
    pub fn alerts(&self) -> Vec<serde_json::Value> {
        let answer = http::get(&self.address, "/api/v2/alerts").expect("Alertmanager answers");
        answer.json().as_array().cloned().unwrap_or_default()
    }

    pub fn log(&self) -> String {
        self.process.log()
    }
}

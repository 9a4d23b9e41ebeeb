//! The accessibility check of a page: axe-core in a real Chromium, on the page as the server sends it.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::http;

/// axe-core's script, and the browser that runs it.
pub struct Axe {
    script: PathBuf,
    browser: PathBuf,
}

/// Which colours the reader wants.
#[derive(Clone, Copy, Debug)]
pub enum Scheme {
    Light,
    Dark,
}

const RUNNER: &str = r#"<script src="axe.min.js"></script><script>
axe.run({resultTypes: ["violations"]}).then(r => {
  const out = document.createElement("template");
  out.id = "axe-result";
  out.setAttribute("data-found", btoa(unescape(encodeURIComponent(JSON.stringify(r.violations.map(
    v => v.id + ": " + v.nodes.map(n => n.target.join(" ") + " " + n.failureSummary).join("; ")))))));
  document.body.append(out);
});
</script></body>"#;

impl Axe {
    pub fn find() -> Result<Axe, String> {
        let given = std::env::var_os("DEMARCHE_TEST_AXE").map(PathBuf::from);
        let script = given.unwrap_or_else(|| super::cache().join("npm/node_modules/axe-core/axe.min.js"));
        if !script.is_file() {
            return Err(
                "no axe-core here; `scripts/fetch-tools axe` fetches it, or set DEMARCHE_TEST_AXE".into()
            );
        }
        let browser =
            super::find_tool(&["chromium", "chromium-browser", "google-chrome"], "DEMARCHE_TEST_CHROMIUM")?;
        Ok(Axe { script, browser })
    }

    /// What it finds wrong with the page at `path` of `address`: its own scripts left out, its style taken along.
    pub fn violations(&self, address: &str, path: &str, scheme: Scheme) -> Vec<String> {
        let page = http::get(address, path).expect("the page").body;
        let style = between(&page, "<link rel=\"stylesheet\" href=\"", "\"").expect("a style");
        let css = http::get(address, style).expect("the style").body;
        let page = page
            .replace("</head>", &format!("<style>{css}</style></head>"))
            .replace(" defer></script>", "></script>");
        let own = between(&page, "<script src=\"", "\"").unwrap_or_default().to_owned();
        self.check(&page.replace(&format!("<script src=\"{own}\"></script>"), ""), scheme)
    }

    /// What it finds wrong with this document.
    pub fn check(&self, page: &str, scheme: Scheme) -> Vec<String> {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::copy(&self.script, dir.path().join("axe.min.js")).expect("the script");
        let file = dir.path().join("page.html");
        std::fs::write(&file, page.replace("</body>", RUNNER)).expect("the page");
        let wanted = match scheme {
            Scheme::Dark => 0,
            Scheme::Light => 1,
        };
        let output = Command::new(&self.browser)
            .args(super::chromium::HEADLESS)
            .arg(format!("--user-data-dir={}", dir.path().join("profile").display()))
            .arg(format!("--blink-settings=preferredColorScheme={wanted}"))
            // Virtual time: the browser's clock runs until nothing is left to do.
            .args(["--virtual-time-budget=30000", "--dump-dom"])
            .arg(format!("file://{}", file.display()))
            .output()
            .expect("the browser runs");
        let dom = String::from_utf8_lossy(&output.stdout).into_owned();
        let found =
            between(&dom, "data-found=\"", "\"").unwrap_or_else(|| panic!("axe said nothing:\n{dom}"));
        let bytes = decode(found);
        let list: Value = serde_json::from_slice(&bytes).expect("JSON");
        let list = list.as_array().cloned().unwrap_or_default();
        list.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(found, _)| found)
}

/// Base64, as `btoa` writes it.
fn decode(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut out) = (0_u32, 0, Vec::new());
    for byte in text.bytes().filter(|b| *b != b'=') {
        let value = ALPHABET.iter().position(|a| *a == byte).expect("base64");
        bits = bits << 6 | u32::try_from(value).expect("six bits");
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 0xff).expect("a byte"));
        }
    }
    out
}

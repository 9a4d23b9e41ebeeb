//! A real headless Chromium: the page as a reader's browser builds it, its console, a picture of it.

use std::path::Path;
use std::process::Command;

/// What the browser made of a page.
pub struct Page {
    /// The document after its scripts have run.
    pub dom: String,
    /// Lines that the page wrote to the console, errors of the content security policy among them.
    pub console: Vec<String>,
}

/// A browser without a screen, wherever it runs.
pub const HEADLESS: [&str; 5] =
    ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"];

/// Opens `url` in a window of this width, and writes a picture to `picture` where one is wanted.
pub fn open(url: &str, width: u32, picture: Option<&Path>) -> Result<Page, String> {
    let program =
        super::find_tool(&["chromium", "chromium-browser", "google-chrome"], "DEMARCHE_TEST_CHROMIUM")?;
    let profile = tempfile::tempdir().map_err(|e| e.to_string())?;
    let run = |what: &str| {
        Command::new(&program)
            .args(HEADLESS)
            .args([
                "--disable-background-networking",
                "--enable-logging=stderr",
                "--v=0",
                "--hide-scrollbars",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(format!("--window-size={width},1200"))
            // No virtual time: it stands still while an event stream is open.
            .args(["--timeout=20000", what, url])
            .output()
            .map_err(|e| e.to_string())
    };
    if let Some(file) = picture {
        run(&format!("--screenshot={}", file.display()))?;
    }
    let output = run("--dump-dom")?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let console = text.lines().filter(|l| l.contains(":CONSOLE")).map(str::to_owned).collect();
    Ok(Page { dom: String::from_utf8_lossy(&output.stdout).into_owned(), console })
}

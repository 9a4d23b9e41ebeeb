use std::io::BufRead;
fn main() {
    // Stop-gap until the command line lands: `detect` only.
    let mut files = Vec::new();
    for dir in ["rules", "actors", "treaties", "sources"] {
        let Ok(list) = std::fs::read_dir(format!("config/{dir}")) else { continue };
        for entry in list.flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|e| e == "toml") {
                files.push(demarche::lexicon::SourceFile {
                    path: format!("{dir}/{}", path.file_name().unwrap().to_string_lossy()),
                    text: std::fs::read_to_string(&path).unwrap(),
                });
            }
        }
    }
    let rules = match demarche::rules::compile(&files) {
        Ok(r) => r,
        Err(faults) => {
            for f in faults {
                let text = files.iter().find(|x| x.path == f.path).map(|x| x.text.as_str()).unwrap_or("");
                eprintln!("{}", f.render(text));
            }
            std::process::exit(78)
        }
    };
    let explain = std::env::args().any(|a| a == "explain");
    let mut scratch = demarche::detect::Scratch::default();
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let article = match demarche::article::read(line.as_bytes()) {
            Ok(a) => a,
            Err(e) => {
                eprintln!("{e}");
                continue;
            }
        };
        if explain {
            let (d, t) = demarche::detect::explain(&rules, &article, article.published_at, &mut scratch);
            println!("{}", serde_json::to_string(&serde_json::json!({"id": article.id, "signals": d.signals, "denials": d.denials, "trace": t})).unwrap());
        } else {
            let d = demarche::detect::detect(&rules, &article, article.published_at, &mut scratch);
            for s in d.signals {
                println!("{}", serde_json::to_string(&s).unwrap());
            }
        }
    }
}

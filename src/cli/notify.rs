//! `demarche notify test SINK`: one message that pages and its end, with the settings of the daemon.

use clap::{Args, Subcommand};

use super::{Exit, SettingsArgs};
use crate::notify::{Context, Outlet};

#[derive(Args, Debug)]
pub struct NotifyArgs {
    #[command(subcommand)]
    command: NotifyCommand,
}

#[derive(Subcommand, Debug)]
enum NotifyCommand {
    /// Send a trial message that pages, then its end
    Test {
        /// The sink's name in the settings
        sink: String,
        #[command(flatten)]
        settings: SettingsArgs,
    },
}

pub fn run(args: &NotifyArgs) -> Exit {
    let NotifyCommand::Test { sink: name, settings } = &args.command;
    let settings = match settings.load() {
        Ok(layers) => layers.settings,
        Err(exit) => return exit,
    };
    let Some(sink) = settings.notify.sinks.iter().find(|sink| sink.name() == name) else {
        let names: Vec<&str> = settings.notify.sinks.iter().map(|sink| sink.name()).collect();
        eprintln!("no sink is called {name:?}; there are: {}", names.join(", "));
        return Exit::BadConfig;
    };
    let context = Context {
        words: crate::daemon::words(crate::admin::Names::default()),
        public_url: settings.http.public_url.clone(),
        runbook_url: settings.http.runbook_url.clone(),
    };
    let outlet = match Outlet::new(sink, context, settings.notify.dry_run) {
        Ok(outlet) => outlet,
        Err(error) => {
            eprintln!("{error:#}");
            return Exit::BadConfig;
        }
    };
    let outcome = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(outlet.trial(crate::daemon::now())));
    match outcome {
        Ok(()) => {
            println!("{name}: delivered, and its end too");
            Exit::Fine
        }
        Err(error) => {
            eprintln!("{name}: {error:#}");
            Exit::Failed
        }
    }
}

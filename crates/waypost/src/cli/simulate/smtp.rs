//! `waypost simulate smtp`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use waypost_simulators::smtp::{SimulatedRelay, SmtpConfig};

use crate::cli::{Usage, block_on, output};
use crate::stop;

/// Run a mail relay that keeps what it takes and delivers nothing.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A recipient whose name ends in +NNN, such as ann+550@example.org, is answered with that reply code. A letter or \
    a command that breaks the standard is refused with 5xx and the rule. It has no TLS: point email.relay at it with \
    email.tls = \"off\". It runs until SIGTERM or Ctrl-C."
)]
pub struct Args {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// User name and password it expects, as user:password; without, everybody may send.
    #[arg(long, value_name = "USER:PASSWORD")]
    login: Option<String>,
    /// A folder into which each letter is written as NNNNNN.eml.
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
}

/// Runs until asked to stop; tells each letter in one line.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let login = args
        .login
        .as_deref()
        .map(|text| text.split_once(':').ok_or_else(|| Usage("--login: user:password".to_owned())));
    let login = login.transpose()?.map(|(user, password)| (user.to_owned(), password.to_owned()));
    if let Some(folder) = &args.keep {
        std::fs::create_dir_all(folder).with_context(|| format!("making the folder {}", folder.display()))?;
    }
    let config =
        SmtpConfig { address: args.listen, login, folder: args.keep.clone(), ..SmtpConfig::default() };
    block_on(async {
        let stop = stop::on_signal();
        let relay =
            SimulatedRelay::start(config).await.with_context(|| format!("listening on {}", args.listen))?;
        output::print(&format!("a mail relay at {}\n", relay.address()))?;
        let (mut taken, mut told) = (relay.taken(), 0);
        loop {
            tokio::select! {
                () = stop.cancelled() => return Ok(ExitCode::SUCCESS),
                changed = taken.changed() => changed.context("the relay ended")?,
            }
            let count = *taken.borrow_and_update();
            let letters = relay.letters();
            let fresh = usize::try_from(count - told).unwrap_or(usize::MAX).min(letters.len());
            for letter in &letters[letters.len() - fresh..] {
                let subject = letter.header("Subject").unwrap_or_default();
                output::print(&format!("for {}: {subject}\n", letter.recipients.join(", ")))?;
            }
            told = count;
        }
    })
}

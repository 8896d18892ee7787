//! `waypost mail show`.

use std::process::ExitCode;

use serde_json::json;
use waypost_channels::email::{Letter, Mailbox};
use waypost_mail::records::{self, MailRow};

use super::list::{ALL, shown};
use crate::cli::block_on;
use crate::cli::check_config::ConfigFile;
use crate::cli::output::{self, Format};
use crate::wiring;

/// Show a letter: whom it is for, what stands in it, and what the relay said.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Its id, of `waypost mail list`.
    id: i64,
    #[command(flatten)]
    file: ConfigFile,
    #[command(flatten)]
    format: Format,
}

/// Opens and prints the letter; codes in it are shown, so its output is as secret as they are.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = args.file.load()?;
    let id = args.id;
    let found = block_on(async {
        let key = wiring::master_key(&config)?;
        let store = wiring::open_command(&config)?;
        let found = store
            .read(move |tx| {
                let row = records::find(tx, &ALL, id)?;
                Ok(row.zip(records::sealed(tx, &ALL, id)?))
            })
            .await;
        store.close().await;
        let Some((row, sealed)) = found? else { return Ok(None) };
        Ok(Some((records::open(&key, id, &sealed)?, row)))
    })?;
    let Some((letter, row)) = found else {
        anyhow::bail!("there is no letter {id}; waypost mail list shows them")
    };
    if args.format.json {
        output::json(&as_json(&row, &letter))?
    } else {
        output::print(&as_text(&row, &letter))?
    }
    Ok(ExitCode::SUCCESS)
}

fn name(mailbox: &Mailbox) -> String {
    match mailbox.name() {
        Some(name) => format!("{name} <{}>", mailbox.address().as_str()),
        None => mailbox.address().as_str().to_owned(),
    }
}

fn as_json(row: &MailRow, letter: &Letter) -> serde_json::Value {
    let mut value = shown(row);
    let files: Vec<_> = letter
        .attachments
        .iter()
        .map(|file| json!({"name": file.name, "mediaType": file.media_type, "bytes": file.bytes.len()}))
        .collect();
    value["letter"] = json!({"from": name(&letter.from), "replyTo": letter.reply_to.as_ref().map(name),
        "to": name(&letter.to), "meantFor": letter.meant_for.as_ref().map(name), "subject": letter.subject,
        "text": letter.text, "html": letter.html, "attachments": files});
    value
}

fn as_text(row: &MailRow, letter: &Letter) -> String {
    let mut text = format!("State: {} after {} attempts\n", row.state.word(), row.attempts);
    let lines = [
        ("The relay said", (!row.words.is_empty()).then(|| row.words.clone())),
        ("From", Some(name(&letter.from))),
        ("Reply to", letter.reply_to.as_ref().map(name)),
        ("To", Some(name(&letter.to))),
        ("Meant for", letter.meant_for.as_ref().map(name)),
        ("Subject", Some(letter.subject.clone())),
    ];
    for (label, value) in lines {
        if let Some(value) = value {
            text.push_str(&format!("{label}: {value}\n"));
        }
    }
    for file in &letter.attachments {
        text.push_str(&format!(
            "Attached: {} ({}, {} bytes)\n",
            file.name,
            file.media_type,
            file.bytes.len()
        ));
    }
    text.push_str(&format!("\n{}\n", letter.text.trim_end()));
    text
}

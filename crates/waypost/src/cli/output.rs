//! What commands print: tables for people, exact JSON for programs.

use std::io::{self, Write};

use comfy_table::presets::ASCII_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};
use serde::Serialize;

/// The flag every reading command has.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Format {
    /// Print JSON for programs in place of tables for people.
    #[arg(long, global = true)]
    pub json: bool,
}

/// Writes `text` to standard output; a reader that has gone away is no failure.
///
/// # Errors
/// When standard output cannot be written for another reason.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Prints `value` as indented JSON with a final newline.
///
/// # Errors
/// When standard output cannot be written.
pub fn json<T: Serialize + ?Sized>(value: &T) -> anyhow::Result<()> {
    print(&format!("{}\n", serde_json::to_string_pretty(value)?))
}

/// Prints rows under `header`; with no rows, a line that says so.
///
/// # Errors
/// When standard output cannot be written.
pub fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> anyhow::Result<()> {
    let mut table = Table::new();
    table.load_style(ASCII_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_header(header);
    table.add_rows(rows);
    if table.is_empty() { print("(none)\n") } else { print(&format!("{table}\n")) }
}

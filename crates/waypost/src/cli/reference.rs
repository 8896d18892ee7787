//! `waypost reference`.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Arg, Command, CommandFactory};

use super::{Cli, output};

/// Write the page of every command of `waypost admin`, made from the command line itself.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The file to write.
    #[arg(long, value_name = "FILE", default_value = "docs/admin-reference.md")]
    out: PathBuf,
}

/// Writes the page.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    std::fs::write(&args.out, render()).with_context(|| format!("writing {}", args.out.display()))?;
    output::print(&format!("{}\n", args.out.display()))?;
    Ok(ExitCode::SUCCESS)
}

const INTRODUCTION: &str = "# Admin reference\n\n\
    Every command of `waypost admin` with its arguments, made from the command line itself by `waypost reference`; a test compares.\n\
    What the commands are for, in the order in which they are needed: [operating](operating.md). They work on the store, beside a \
    running server,\nwhich notices within a second.\n";

/// The page, in Markdown.
fn render() -> String {
    let mut program = Cli::command();
    // Fills in the whole name of each command and what all of them take.
    program.build();
    let mut page = INTRODUCTION.to_owned();
    if let Some(admin) = program.find_subcommand("admin") {
        let common: Vec<&Arg> = listed(admin).collect();
        table(&mut page, "Every command takes:", &common);
        contents(&mut page, admin);
        for command in sorted(admin) {
            section(&mut page, command, 2);
        }
    }
    page
}

/// The commands below one, in the order of their names, without `help`.
fn sorted(command: &Command) -> Vec<&Command> {
    let is_ours = |command: &&Command| command.get_name() != "help" && !command.is_hide_set();
    let mut commands: Vec<&Command> = command.get_subcommands().filter(is_ours).collect();
    commands.sort_by_key(|command| command.get_name());
    commands
}

/// The arguments a reader has to know, without `--help`.
fn listed(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|arg| !arg.is_hide_set() && arg.get_id() != "help")
}

fn contents(page: &mut String, admin: &Command) {
    page.push('\n');
    for command in sorted(admin) {
        let name = command.get_name();
        // Writing to a String cannot fail.
        let _ = writeln!(page, "* [`{name}`](#{name}): {}", about(command));
    }
}

fn section(page: &mut String, command: &Command, depth: usize) {
    let whole = command.get_bin_name().unwrap_or(command.get_name());
    let title = if depth == 2 { command.get_name().to_owned() } else { format!("`{whole}`") };
    let _ = write!(page, "\n{} {title}\n\n{}\n", "#".repeat(depth), about(command));
    let below = sorted(command);
    if below.is_empty() {
        let usage = command.clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ").trim();
        let _ = write!(page, "\n```sh\n{usage}\n```\n");
        let own: Vec<&Arg> = listed(command).filter(|arg| !arg.is_global_set()).collect();
        table(page, "", &own);
    }
    for command in below {
        section(page, command, depth + 1);
    }
}

fn about(command: &Command) -> String {
    let about = command.get_long_about().or(command.get_about());
    about.map(|about| cell(&about.to_string())).unwrap_or_default()
}

fn table(page: &mut String, heading: &str, arguments: &[&Arg]) {
    if arguments.is_empty() {
        return;
    }
    if !heading.is_empty() {
        let _ = write!(page, "\n{heading}\n");
    }
    page.push_str("\n| argument | |\n|---|---|\n");
    for argument in arguments {
        let _ = writeln!(page, "| `{}` | {} |", cell(&argument.to_string()), meaning(argument));
    }
}

/// What an argument is for, what it may be, what it is when it is left out.
fn meaning(argument: &Arg) -> String {
    let help = argument.get_long_help().or(argument.get_help());
    let mut text = help.map(|help| cell(&help.to_string())).unwrap_or_default();
    let mut add = |more: String| {
        let stop = if text.ends_with(['.', '!', '?', ':']) { "" } else { "." };
        text = format!("{text}{stop} {more}");
    };
    if argument.get_action().takes_values() {
        let words: Vec<String> = argument.get_possible_values().iter().map(word).collect();
        if !words.is_empty() {
            add(format!("One of {}.", words.join(", ")));
        }
        let defaults = argument.get_default_values().iter();
        let defaults: Vec<String> = defaults.map(|value| format!("`{}`", value.to_string_lossy())).collect();
        if !defaults.is_empty() {
            add(format!("Without it {}.", defaults.join(" ")));
        }
    }
    if let Some(variable) = argument.get_env() {
        add(format!("Also the variable `{}`.", variable.to_string_lossy()));
    }
    if argument.is_required_set() {
        add("Mandatory.".to_owned());
    }
    text
}

fn word(value: &clap::builder::PossibleValue) -> String {
    match value.get_help() {
        Some(help) => {
            format!("`{}` ({})", value.get_name(), cell(&help.to_string()).trim_end_matches('.'))
        }
        None => format!("`{}`", value.get_name()),
    }
}

/// One line that a cell of a table can hold.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn the_page_in_the_repository_is_that_of_this_command_line() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/admin-reference.md");
        let kept = std::fs::read_to_string(file).unwrap_or_default();
        assert!(kept == render(), "docs/admin-reference.md is stale: run `waypost reference`");
    }

    #[test]
    fn the_page_has_every_command_with_what_it_takes() {
        let page = render();
        for piece in [
            "\n## tenant\n",
            "\n### `waypost admin tenant create`\n",
            "| `--config <FILE>` |",
            "Also the variable `WAYPOST_CONFIG`.",
            "* [`app`](#app): App assets",
            "`mobile` (A mobile or web app: push and in-app messages)",
        ] {
            assert!(page.contains(piece), "{piece}");
        }
        assert!(!page.contains("--help"));
    }
}

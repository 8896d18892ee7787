//! The command line: one file per command. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.

mod admin;
mod backup;
mod check_config;
mod codes;
mod content;
mod demo;
mod export;
mod files;
mod import;
mod mail;
mod openapi;
mod output;
mod reference;
mod sandbox;
mod serve;
mod simulate;
mod trace;
mod trace_content;
mod trace_request;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Faults;

/// Waypost: accepts, keeps and delivers what a service organisation says to the outside world.
#[derive(Debug, Parser)]
#[command(
    name = "waypost",
    version,
    max_term_width = 110,
    after_help = "Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.\n\
                  Every setting can be overridden by a variable: WAYPOST__SECTION__KEY."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Args),
    CheckConfig(check_config::Args),
    Admin(admin::Args),
    Trace(trace::Args),
    #[command(subcommand)]
    Content(content::Command),
    #[command(subcommand)]
    Files(files::Command),
    #[command(subcommand)]
    Mail(mail::Command),
    #[command(subcommand)]
    Simulate(simulate::Command),
    Codes(codes::Args),
    Backup(backup::Args),
    Export(export::Args),
    Import(import::Args),
    Sandbox(sandbox::Args),
    Demo(demo::Args),
    Openapi(openapi::Args),
    Reference(reference::Args),
}

/// A wrong use of the command line that clap cannot see; exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// Parses the arguments, runs the command, reports failure on standard error.
pub fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("waypost: {error:#}");
            ExitCode::from(if error.is::<Faults>() || error.is::<Usage>() { 2 } else { 1 })
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Serve(args) => serve::run(&args),
        Command::CheckConfig(args) => check_config::run(&args),
        Command::Admin(args) => admin::run(&args),
        Command::Trace(args) => trace::run(&args),
        Command::Content(command) => content::run(&command),
        Command::Files(command) => files::run(&command),
        Command::Mail(command) => mail::run(&command),
        Command::Simulate(command) => simulate::run(&command),
        Command::Codes(args) => codes::run(&args),
        Command::Backup(args) => backup::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Sandbox(args) => sandbox::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Openapi(args) => openapi::run(&args),
        Command::Reference(args) => reference::run(&args),
    }
}

/// Runs an asynchronous command on its own runtime.
fn block_on<T>(command: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(command)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_and_every_option_explains_itself() {
        fn check(command: &clap::Command) {
            assert!(command.get_about().is_some(), "`{}` has no help", command.get_name());
            for option in command.get_arguments() {
                assert!(
                    option.get_help().is_some(),
                    "`{} {}` has no help",
                    command.get_name(),
                    option.get_id()
                );
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }
}

//! `waypost content`: what operators do with content and its partners.

mod alerts;
mod certify;
mod desk;
mod drift;
mod import;
mod lanes;

use std::process::ExitCode;

use clap::Subcommand;

/// Content pushed to partners: import, queues, audits, drift, alerts; and certifying somebody's receiver.
#[derive(Debug, Subcommand)]
pub enum Command {
    Import(import::Args),
    Lanes(lanes::ListArgs),
    Retry(lanes::OneArgs),
    Skip(lanes::SkipArgs),
    Replay(lanes::ReplayArgs),
    Pause(lanes::PauseArgs),
    Resume(lanes::ResumeArgs),
    Audit(lanes::AuditArgs),
    Drift(drift::DriftArgs),
    Repair(drift::RepairArgs),
    Alerts(alerts::ListArgs),
    Ack(alerts::AckArgs),
    Resolve(alerts::ResolveArgs),
    Certify(certify::Args),
}

/// Runs the subcommand.
pub fn run(command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Import(args) => import::run(args),
        Command::Lanes(args) => lanes::list(args),
        Command::Retry(args) => lanes::retry(args),
        Command::Skip(args) => lanes::skip(args),
        Command::Replay(args) => lanes::replay(args),
        Command::Pause(args) => lanes::pause(args),
        Command::Resume(args) => lanes::resume(args),
        Command::Audit(args) => lanes::audit(args),
        Command::Drift(args) => drift::drift(args),
        Command::Repair(args) => drift::repair(args),
        Command::Alerts(args) => alerts::list(args),
        Command::Ack(args) => alerts::ack(args),
        Command::Resolve(args) => alerts::resolve(args),
        Command::Certify(args) => certify::run(args),
    }
}

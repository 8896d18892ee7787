//! `waypost admin`: what operators set up. Works on the store, beside a running server or without one.

mod app;
mod app_check;
mod application;
mod application_role;
mod audit;
mod carrier;
mod credit;
mod desk;
mod dnd;
mod event;
mod ip_allow;
mod key;
mod link;
mod notify_url;
mod online_service;
mod online_service_event;
mod partner;
mod policy;
mod profile;
mod profile_attribute;
mod profile_settings;
mod rate;
mod receipts;
mod rule;
mod sender;
mod service;
mod service_settings;
mod settings;
mod smpp;
mod spam;
mod template;
mod tenant;
mod tps;
mod trunk;
mod verified;
mod voice;

use std::process::ExitCode;

use clap::Subcommand;
use desk::Desk;

pub use carrier::secret_variable;

use super::check_config::ConfigFile;
use super::output::Format;

/// Tenants, services, keys, senders, SMPP connections and limits; the running server notices within a second.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    file: ConfigFile,
    #[command(flatten)]
    format: Format,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(subcommand)]
    Tenant(tenant::Command),
    #[command(subcommand)]
    Service(service::Command),
    #[command(subcommand)]
    Key(key::Command),
    #[command(subcommand)]
    Sender(sender::Command),
    #[command(subcommand)]
    Smpp(smpp::Command),
    #[command(subcommand)]
    Trunk(trunk::Command),
    #[command(subcommand)]
    Voice(voice::Command),
    #[command(subcommand)]
    App(app::Command),
    #[command(subcommand)]
    Template(template::Command),
    #[command(subcommand)]
    Event(event::Command),
    #[command(subcommand)]
    Rule(rule::Command),
    #[command(subcommand)]
    Link(link::Command),
    #[command(subcommand)]
    IpAllow(ip_allow::Command),
    #[command(subcommand)]
    Tps(tps::Command),
    #[command(subcommand)]
    NotifyUrl(notify_url::Command),
    #[command(subcommand)]
    Partner(partner::Command),
    #[command(subcommand)]
    Dnd(dnd::Command),
    #[command(subcommand)]
    Profile(profile::Command),
    #[command(subcommand)]
    ProfileAttribute(profile_attribute::Command),
    ProfileSettings(profile_settings::Args),
    #[command(subcommand)]
    Receipts(receipts::Command),
    #[command(subcommand)]
    Application(application::Command),
    #[command(subcommand)]
    ApplicationRole(application_role::Command),
    #[command(subcommand)]
    OnlineService(online_service::Command),
    #[command(subcommand)]
    Credit(credit::Command),
    #[command(subcommand)]
    Rate(rate::Command),
    #[command(subcommand)]
    Policy(policy::Command),
    #[command(subcommand)]
    Spam(spam::Command),
    #[command(subcommand)]
    Verified(verified::Command),
    Audit(audit::Command),
}

/// Runs the subcommand on the configured store.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = args.file.load()?;
    super::block_on(async {
        let desk = Desk::open(config, args.format).await?;
        let done = match &args.command {
            Command::Tenant(command) => tenant::run(command, &desk).await,
            Command::Service(command) => service::run(command, &desk).await,
            Command::Key(command) => key::run(command, &desk).await,
            Command::Sender(command) => sender::run(command, &desk).await,
            Command::Smpp(command) => smpp::run(command, &desk).await,
            Command::Trunk(command) => trunk::run(command, &desk).await,
            Command::Voice(command) => voice::run(command, &desk).await,
            Command::App(command) => app::run(command, &desk).await,
            Command::Template(command) => template::run(command, &desk).await,
            Command::Event(command) => event::run(command, &desk).await,
            Command::Rule(command) => rule::run(command, &desk).await,
            Command::Link(command) => link::run(command, &desk).await,
            Command::IpAllow(command) => ip_allow::run(command, &desk).await,
            Command::Tps(command) => tps::run(command, &desk).await,
            Command::NotifyUrl(command) => notify_url::run(command, &desk).await,
            Command::Partner(command) => partner::run(command, &desk).await,
            Command::Dnd(command) => dnd::run(command, &desk).await,
            Command::Profile(command) => profile::run(command, &desk).await,
            Command::ProfileAttribute(command) => profile_attribute::run(command, &desk).await,
            Command::ProfileSettings(args) => profile_settings::run(args, &desk).await,
            Command::Receipts(command) => receipts::run(command, &desk).await,
            Command::Application(command) => application::run(command, &desk).await,
            Command::ApplicationRole(command) => application_role::run(command, &desk).await,
            Command::OnlineService(command) => online_service::run(command, &desk).await,
            Command::Credit(command) => credit::run(command, &desk).await,
            Command::Rate(command) => rate::run(command, &desk).await,
            Command::Policy(command) => policy::run(command, &desk).await,
            Command::Spam(command) => spam::run(command, &desk).await,
            Command::Verified(command) => verified::run(command, &desk).await,
            Command::Audit(command) => audit::run(command, &desk).await,
        };
        desk.close().await;
        done.map(|()| ExitCode::SUCCESS)
    })
}

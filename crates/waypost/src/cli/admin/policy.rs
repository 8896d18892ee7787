//! `waypost admin policy`: social hours, promotional services, message length, the profile's switch.

use clap::Subcommand;
use waypost_store::directory::{PolicySettings, admin};

use super::desk::{Desk, tenant};

/// Settings that decide whether a tenant's messages, or those of one service, may leave.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show what is set.
    Show(Of),
    /// Promotional services send inside these hours only; 7113 outside.
    SocialHours {
        #[command(flatten)]
        of: Of,
        /// HH:MM-HH:MM, or `none`.
        hours: String,
        /// IANA time zone of the hours; the tenant's own when not given.
        #[arg(long)]
        time_zone: Option<String>,
    },
    /// Whether a service sends promotional messages, which keep to the social hours.
    Promotional {
        #[command(flatten)]
        of: Of,
        /// `on` or `off`.
        #[arg(value_parser = switch, action = clap::ArgAction::Set)]
        promotional: bool,
    },
    /// The most characters a text may have, 1 to 4000, or 0 for the contract's 4000; 7107 above.
    TextLength {
        #[command(flatten)]
        of: Of,
        /// Characters.
        chars: u32,
    },
    /// Whether a tenant may send to verified destinations only; 7116 otherwise.
    VerifiedOnly {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
        /// `on` or `off`.
        #[arg(value_parser = switch, action = clap::ArgAction::Set)]
        verified_only: bool,
    },
    /// Switch a tenant's profile on or off: 7008 for its requests, and for what it has queued.
    Profile {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
        /// `on` or `off`.
        #[arg(value_parser = switch, action = clap::ArgAction::Set)]
        on: bool,
    },
}

/// A tenant, or one of its services.
#[derive(Debug, Clone, clap::Args)]
pub struct Of {
    /// The tenant's short name.
    #[arg(long)]
    tenant: String,
    /// One service of it; the whole tenant when not given.
    #[arg(long)]
    service: Option<String>,
}

fn switch(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("it is `on` or `off`".to_owned()),
    }
}

impl Of {
    fn tenant(slug: &str) -> Self {
        Self { tenant: slug.to_owned(), service: None }
    }

    fn name(&self) -> String {
        match &self.service {
            Some(service) => format!("service {service} of {}", self.tenant),
            None => format!("tenant {}", self.tenant),
        }
    }
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Show(of) => show(of.clone(), desk).await,
        Command::SocialHours { of, hours, time_zone } => {
            let hours = Some(hours.clone()).filter(|hours| hours != "none");
            let zone = time_zone.clone();
            let set = move |settings: &mut PolicySettings| {
                (settings.social_hours, settings.zone) = (hours.clone(), zone.clone());
            };
            change(of.clone(), set, desk).await
        }
        Command::Promotional { of, promotional } => {
            anyhow::ensure!(of.service.is_some(), "name the service");
            let promotional = *promotional;
            change(of.clone(), move |settings| settings.promotional = promotional, desk).await
        }
        Command::TextLength { of, chars } => {
            let max = Some(*chars).filter(|chars| *chars > 0);
            change(of.clone(), move |settings| settings.text_chars_max = max, desk).await
        }
        Command::VerifiedOnly { tenant, verified_only } => {
            let only = *verified_only;
            change(Of::tenant(tenant), move |settings| settings.verified_only = only, desk).await
        }
        Command::Profile { tenant, on } => {
            let off = !*on;
            change(Of::tenant(tenant), move |settings| settings.switched_off = off, desk).await
        }
    }
}

async fn change(
    of: Of,
    set: impl Fn(&mut PolicySettings) + Send + 'static,
    desk: &Desk,
) -> anyhow::Result<()> {
    let name = of.name();
    let settings = desk.change(move |tx, now| {
        let (ctx, owner) = tenant(tx, &of.tenant)?;
        let service = of.service.as_deref().map(|slug| admin::service_by_slug(tx, &ctx, owner.id, slug));
        let service = service.transpose()?.map(|service| service.id);
        admin::change_policy(tx, &ctx, now, service, &set)
    });
    let settings = settings.await?;
    desk.tell(&settings, &format!("changed the policies of {name}"))
}

async fn show(of: Of, desk: &Desk) -> anyhow::Result<()> {
    let settings = desk.read(move |tx| {
        let (ctx, owner) = tenant(tx, &of.tenant)?;
        let service = of.service.as_deref().map(|slug| admin::service_by_slug(tx, &ctx, owner.id, slug));
        let service = service.transpose()?.map(|service| service.id);
        admin::policy_settings(tx, &ctx, service)
    });
    let settings = settings.await?;
    let yes = |flag: bool| if flag { "yes" } else { "no" }.to_owned();
    let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
    let line = format!(
        "profile off: {}; verified only: {}; promotional: {}; social hours: {}; time zone: {}; text length: {}",
        yes(settings.switched_off),
        yes(settings.verified_only),
        yes(settings.promotional),
        or_none(&settings.social_hours),
        settings.zone.clone().unwrap_or_else(|| "the tenant's".to_owned()),
        settings.text_chars_max.map_or_else(|| "4000".to_owned(), |max| max.to_string()),
    );
    desk.tell(&settings, &line)
}

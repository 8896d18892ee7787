//! `waypost admin partner`.

use clap::Subcommand;
use serde::Serialize;
use waypost_content::Kind;
use waypost_content::records::shelf;
use waypost_store::StoreError;
use waypost_store::directory::{Partner, admin, login};

use super::carrier::secret_variable;
use super::desk::{ALL, Desk, Done, tenant};
use crate::cli::Usage;
use crate::wiring;

/// Content partners: who may push hotels to us, and whom we push to. A running server notices within a second.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a partner.
    Create(Create),
    /// List partners.
    List,
    /// Let a partner push and be pushed to again.
    Enable {
        /// Its short name.
        partner: String,
    },
    /// Refuse a partner's pushes and push nothing to it.
    Disable {
        /// Its short name.
        partner: String,
    },
    /// Change where and how we push.
    Set(Set),
    /// Let a partner push to us; prints its password, once, unless the variable WAYPOST_PARTNER_PASSWORD holds one.
    Login {
        /// Its short name.
        partner: String,
        /// The user name it gets.
        #[arg(long)]
        user: String,
    },
    /// Take a partner's login away.
    Logout {
        /// Its short name.
        partner: String,
    },
    /// Set the credentials we push with; the password comes from the variable WAYPOST_PARTNER_PASSWORD.
    Credentials {
        /// Its short name.
        partner: String,
        /// The user name the partner issued.
        #[arg(long)]
        user: String,
    },
    /// Take an object a partner has pushed to us out of use at our side, or bring it back.
    Object(Object),
}

/// A new partner.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// Its tenant's short name.
    #[arg(long)]
    tenant: String,
    /// Its short name: a-z, 0-9 and -. It never changes.
    #[arg(long)]
    slug: String,
    /// Its name; the short name when it is left out.
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    push: Push,
}

/// Changed settings.
#[derive(Debug, clap::Args)]
pub struct Set {
    /// Its short name.
    partner: String,
    #[command(flatten)]
    push: Push,
}

/// How we push.
#[derive(Debug, clap::Args)]
struct Push {
    /// What stands before /hotel at the partner; empty to push nothing.
    #[arg(long)]
    url: Option<String>,
    /// Messages in flight to it over all properties.
    #[arg(long)]
    in_flight: Option<u32>,
    /// Whether it takes conditions of taxes.
    #[arg(long, value_name = "true|false")]
    opt_in_taxes: Option<bool>,
    /// Whether it takes policies and meal plans of products.
    #[arg(long, value_name = "true|false")]
    opt_in_products: Option<bool>,
    /// Whether updates carry an array of one in place of the object alone.
    #[arg(long, value_name = "true|false")]
    array_updates: Option<bool>,
    /// Whether what it pushes to us is our own content, to be pushed on to the others.
    #[arg(long, value_name = "true|false")]
    feeds: Option<bool>,
}

/// One object of a partner.
#[derive(Debug, clap::Args)]
pub struct Object {
    /// `on` or `off`.
    #[arg(value_parser = ["on", "off"])]
    state: String,
    /// The partner's short name.
    partner: String,
    /// hotel, tax, cancellation-policy, roomtype or rateplan.
    kind: String,
    /// Code of the property.
    property: String,
    /// Code of the object.
    code: String,
}

#[derive(Debug, Serialize)]
struct Shown {
    id: i64,
    tenant: i64,
    slug: String,
    name: String,
    enabled: bool,
    login: Option<String>,
    url: Option<String>,
    url_user: Option<String>,
    has_url_password: bool,
    in_flight: u32,
    opt_in_taxes: bool,
    opt_in_products: bool,
    array_updates: bool,
    feeds: bool,
}

impl From<Partner> for Shown {
    fn from(partner: Partner) -> Self {
        let Partner { id, tenant, slug, name, enabled, login_name, url, url_name, has_url_password, .. } =
            partner;
        let Partner { in_flight_max, opt_in_taxes, opt_in_products, array_updates, feeds, .. } = partner;
        Self {
            id,
            tenant,
            slug,
            name,
            enabled,
            login: login_name,
            url,
            url_user: url_name,
            has_url_password,
            in_flight: in_flight_max,
            opt_in_taxes,
            opt_in_products,
            array_updates,
            feeds,
        }
    }
}

impl Push {
    fn put(&self, partner: &mut Partner) {
        if let Some(url) = &self.url {
            let url = url.trim_end_matches('/');
            partner.url = (!url.is_empty()).then(|| url.to_owned());
        }
        partner.in_flight_max = self.in_flight.unwrap_or(partner.in_flight_max);
        partner.opt_in_taxes = self.opt_in_taxes.unwrap_or(partner.opt_in_taxes);
        partner.opt_in_products = self.opt_in_products.unwrap_or(partner.opt_in_products);
        partner.feeds = self.feeds.unwrap_or(partner.feeds);
        partner.array_updates = self.array_updates.unwrap_or(partner.array_updates);
    }
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Create(new) => create(new, desk).await,
        Command::List => list(desk).await,
        Command::Enable { partner } => update(partner, desk, |partner| partner.enabled = true).await,
        Command::Disable { partner } => update(partner, desk, |partner| partner.enabled = false).await,
        Command::Set(set) => {
            let mut draft = current(&set.partner, desk).await?;
            set.push.put(&mut draft);
            update(&set.partner, desk, move |partner| partner.clone_from(&draft)).await
        }
        Command::Login { partner, user } => login(partner, user, desk).await,
        Command::Logout { partner } => {
            let slug = partner.clone();
            desk.change(move |tx, now| admin::set_partner_login(tx, &ALL, now, &slug, None)).await?;
            desk.tell(
                &Done { done: "partner.logout", name: partner },
                &format!("{partner} cannot push any more"),
            )
        }
        Command::Credentials { partner, user } => credentials(partner, user, desk).await,
        Command::Object(object) => switch(object, desk).await,
    }
}

async fn create(new: &Create, desk: &Desk) -> anyhow::Result<()> {
    let mut draft = Partner::named(&new.slug, new.name.as_deref().unwrap_or(&new.slug));
    new.push.put(&mut draft);
    let owner = new.tenant.clone();
    let made = desk
        .change(move |tx, now| {
            let (ctx, _) = tenant(tx, &owner)?;
            admin::create_partner(tx, &ctx, now, &draft)?;
            admin::partner(tx, &ctx, &draft.slug)
        })
        .await?;
    let line = format!("created partner {}", made.slug);
    desk.tell(&Shown::from(made), &line)
}

async fn list(desk: &Desk) -> anyhow::Result<()> {
    let partners = desk.read(|tx| admin::list_partners(tx, &ALL)).await?;
    let partners: Vec<Shown> = partners.into_iter().map(Shown::from).collect();
    desk.list(&partners, ["Partner", "Tenant", "Pushes to us as", "We push to", "State"], |partner| {
        let or_not = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let state = if partner.enabled { "enabled" } else { "disabled" }.to_owned();
        [
            partner.slug.clone(),
            partner.tenant.to_string(),
            or_not(&partner.login),
            or_not(&partner.url),
            state,
        ]
    })
}

async fn current(slug: &str, desk: &Desk) -> anyhow::Result<Partner> {
    let slug = slug.to_owned();
    desk.read(move |tx| admin::partner(tx, &ALL, &slug)).await
}

async fn update(
    slug: &str,
    desk: &Desk,
    change: impl Fn(&mut Partner) + Send + 'static,
) -> anyhow::Result<()> {
    let wanted = slug.to_owned();
    let changed = desk
        .change(move |tx, now| admin::update_partner(tx, &ALL, now, &wanted, |partner| change(partner)))
        .await?;
    desk.tell(&Shown::from(changed), &format!("changed partner {slug}"))
}

#[derive(Debug, Serialize)]
struct LoggedIn<'a> {
    user: &'a str,
    password: &'a str,
}

async fn login(slug: &str, user: &str, desk: &Desk) -> anyhow::Result<()> {
    let password = match secret_variable("WAYPOST_PARTNER_PASSWORD")? {
        Some(password) => password,
        None => login::generate()?,
    };
    let (wanted, name, secret) = (slug.to_owned(), user.to_owned(), password.clone());
    desk.change(move |tx, now| admin::set_partner_login(tx, &ALL, now, &wanted, Some((&name, &secret))))
        .await?;
    let line =
        format!("{slug} pushes to us as {user} with the password {password}, which is not shown again");
    desk.tell(&LoggedIn { user, password: &password }, &line)
}

async fn credentials(slug: &str, user: &str, desk: &Desk) -> anyhow::Result<()> {
    let password = secret_variable("WAYPOST_PARTNER_PASSWORD")?.ok_or_else(|| {
        Usage("set the variable WAYPOST_PARTNER_PASSWORD to the partner's password".to_owned())
    })?;
    let master = wiring::master_key(&desk.config)?;
    let (wanted, name) = (slug.to_owned(), user.to_owned());
    desk.change(move |tx, now| {
        admin::set_partner_credentials(tx, &ALL, now, &wanted, Some((&name, &password)), &master)
    })
    .await?;
    desk.tell(&Done { done: "partner.credentials", name: slug }, &format!("we push to {slug} as {user}"))
}

async fn switch(object: &Object, desk: &Desk) -> anyhow::Result<()> {
    let kind = Kind::from_word(&object.kind)
        .filter(|kind| *kind != Kind::Product)
        .ok_or_else(|| Usage(format!("`{}` is no kind of object that can be switched", object.kind)))?;
    let (slug, property, code) = (object.partner.clone(), object.property.clone(), object.code.clone());
    let on = object.state == "on";
    desk.change(move |tx, now| {
        let partner = admin::partner(tx, &ALL, &slug)?;
        if shelf::switch(tx, &ALL, partner.id, (kind, &property, &code), on, now)? {
            let detail = format!("{slug} {} {property} {code}", kind.word());
            admin::audit(tx, &ALL, now, if on { "partner.object.on" } else { "partner.object.off" }, &detail)
        } else {
            Err(StoreError::Refused(format!("{slug} has pushed no {} {code} of {property}", kind.word())))
        }
    })
    .await?;
    let line = format!("{} {} of {} is {}", object.kind, object.code, object.property, object.state);
    desk.tell(&Done { done: "partner.object", name: &object.code }, &line)
}

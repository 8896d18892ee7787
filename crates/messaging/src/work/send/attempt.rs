//! One attempt at one message: what our rules say, where it goes, and the connector's answer for each address.

use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::Value;
use waypost_channels::connector::{Address, AddressKind, AppAccount, Connector, Handed, Outgoing};
use waypost_core::channel::Channel;
use waypost_core::msisdn::{Msisdn, PlusRule};
use waypost_core::outcome::{Event, PartState, code};
use waypost_core::sandbox::forced_call_end;
use waypost_delivery::Item;
use waypost_store::directory::App;

use super::connectors::Connectors;
use super::item::SendItem;
use super::sandbox::{self, Asked, Echo};
use crate::rt::place::{self, Place};
use crate::rules::{EarlyOutcome, IdType};
use crate::work::addresses::{self, Resolved, Standing, Wanted};
use crate::work::block_content::StoredBlock;
use crate::work::calls::Caller;
use crate::work::policy::{self, Question};
use crate::work::runtime::Shared;

/// What came of an attempt.
#[derive(Clone, Debug)]
pub enum Attempted {
    /// It had expired; nothing was sent.
    Expired,
    /// A rule of ours refused it with this code; nothing was sent.
    Refused {
        /// The code.
        code: u16,
        /// The line for its story.
        why: String,
    },
    /// The sandbox's rule decided it; nothing was sent.
    Forced(Event),
    /// It could not be tried now; nothing was sent.
    Unchecked {
        /// The code it ends with when there is no later.
        code: u16,
        /// Why not.
        why: String,
    },
    /// It was offered to the connector.
    Tried(Tried),
}

impl Attempted {
    /// Refused by a rule that needs no further words.
    const fn refused(code: u16) -> Self {
        Self::Refused { code, why: String::new() }
    }
}

/// The answers of one attempt.
#[derive(Clone, Debug)]
pub struct Tried {
    /// The app asset it went through.
    pub app: Option<i64>,
    /// Its addresses, one for each part of its progress.
    pub targets: Vec<Address>,
    /// What the connector said of each address that was open.
    pub results: Vec<(u8, Handed)>,
    /// What is heard of the sandbox's recipient afterwards.
    pub echoes: Vec<Echo>,
}

/// The message as an attempt sees it.
struct Attempt<'a> {
    shared: &'a Arc<Shared>,
    item: &'a Item<SendItem>,
    channel: Channel,
    stored: StoredBlock,
    sandbox: bool,
    /// Its end is brought about by the simulated trunk.
    on_trunk: bool,
    echoes: Vec<Echo>,
}

/// Whether the sandbox has a trunk on which the simulated provider brings about the end that a called number asks for.
fn is_played_on_trunk(shared: &Shared, item: &SendItem) -> bool {
    let (request, message) = (item.request(), item.message());
    Channel::parse(&request.channel) == Some(Channel::Voice)
        && IdType::from_key(&message.dest_type) == Some(IdType::Msisdn)
        && forced_call_end(&message.destination).is_some()
        && shared.calls.trunks.serves(request.tenant, true)
}

/// Makes one attempt.
pub async fn run(shared: &Arc<Shared>, item: &Item<SendItem>) -> Attempted {
    if item.expires_at.is_some_and(|at| at <= shared.clock.now()) {
        return Attempted::Expired;
    }
    let (request, message) = (item.payload.request(), item.payload.message());
    let tenant = request.tenant;
    let sandbox = shared.directory.current().tenant(tenant).is_some_and(|tenant| tenant.sandbox);
    let on_trunk = sandbox && is_played_on_trunk(shared, &item.payload);
    let wish = if on_trunk { "" } else { message.destination.as_str() };
    let asked = sandbox.then(|| sandbox::asked(wish));
    let echoes = match asked {
        Some(Asked::End(event)) => return Attempted::Forced(event),
        Some(Asked::Follow(echoes)) => echoes,
        None => Vec::new(),
    };
    let (Some(channel), Some(stored)) =
        (Channel::parse(&request.channel), StoredBlock::read(&request.content))
    else {
        return Attempted::refused(code::FAILED_AT_PLATFORM);
    };
    if let Some(code) = stored.refused {
        return Attempted::refused(code);
    }
    let stored = stored.linked(&shared.links, message.id);
    let attempt = Attempt { shared, item, channel, stored, sandbox, on_trunk, echoes };
    attempt.go().await.unwrap_or_else(|ended| ended)
}

impl Attempt<'_> {
    async fn go(self) -> Result<Attempted, Attempted> {
        let app = self.app()?;
        let connector = self.connector()?;
        self.placed(app.as_ref()).await?;
        let (targets, standing) = self.targets(app.as_ref()).await?;
        if self.item.payload.targets.is_empty() {
            // Once addresses are kept the policies have let it pass, and it is paid for.
            self.allowed(app.as_ref(), &targets, standing).await?;
        }
        let account = self.account(app.as_ref());
        let block = Arc::new(self.stored.block.clone());
        let open = open(&self.item.payload, targets.len());
        let handed = open.iter().filter_map(|part| {
            let outgoing = self.outgoing(&account, &block, targets.get(usize::from(*part))?.clone());
            let answer = connector.hand_over(outgoing);
            Some(async move { (*part, answer.await) })
        });
        let results = join_all(handed).await;
        Ok(Attempted::Tried(Tried { app: app.map(|app| app.id), targets, results, echoes: self.echoes }))
    }

    /// Who carries it. What names its outcome in the sandbox is no address that a simulated provider would know.
    fn connector(&self) -> Result<Arc<dyn Connector>, Attempted> {
        if self.names_an_outcome() {
            return Ok(Connectors::stand_in());
        }
        if self.channel == Channel::Voice
            && let Some(caller) = Caller::of(self.shared, &self.item.payload, self.sandbox, &self.stored)
        {
            return Ok(Arc::new(caller));
        }
        let connector = self.shared.connectors.of(self.channel, self.sandbox);
        connector.ok_or(Attempted::refused(EarlyOutcome::ChannelNotConfigured.code()))
    }

    /// Whether an in-app message has a thread or topic to go to.
    async fn placed(&self, app: Option<&Arc<App>>) -> Result<(), Attempted> {
        let (Channel::Rt, Some(app)) = (self.channel, app) else { return Ok(()) };
        if self.names_an_outcome() || !self.item.payload.targets.is_empty() {
            return Ok(());
        }
        let wanted = self.wanted(Some(app))?;
        let account = self.account(Some(app));
        let place = Place {
            tenant: wanted.tenant,
            account: &account,
            block: &self.stored.block,
            id_type: wanted.id_type,
            destination: &wanted.value,
        };
        match place::refused(&self.shared.store, place).await {
            Ok(None) => Ok(()),
            Ok(Some(code)) => Err(Attempted::refused(code)),
            Err(error) => {
                Err(Attempted::Unchecked { code: code::FAILED_AT_PLATFORM, why: error.to_string() })
            }
        }
    }

    fn names_an_outcome(&self) -> bool {
        self.sandbox && !self.on_trunk && sandbox::names_an_outcome(&self.item.payload.message().destination)
    }

    /// The app asset; none on voice.
    fn app(&self) -> Result<Option<Arc<App>>, Attempted> {
        if self.channel == Channel::Voice {
            return Ok(None);
        }
        let directory = self.shared.directory.current();
        let found = self.stored.app.and_then(|id| directory.apps().by_row(id).cloned());
        // It was there when the message was accepted, and is gone.
        found.map(Some).ok_or(Attempted::refused(EarlyOutcome::InvalidApp.code()))
    }

    fn account(&self, app: Option<&Arc<App>>) -> Arc<AppAccount> {
        match app {
            Some(app) => self.shared.accounts.open(app, self.sandbox),
            None => Arc::new(AppAccount {
                id: 0,
                app_id: String::new(),
                revision: 0,
                config: Value::Null,
                secrets: Value::Null,
                sandbox: self.sandbox,
            }),
        }
    }

    /// The addresses: those of the first attempt, or what the client's id leads to now; and what its owner's profile says.
    async fn targets(&self, app: Option<&Arc<App>>) -> Result<(Vec<Address>, Option<Standing>), Attempted> {
        let known = &self.item.payload.targets;
        if !known.is_empty() {
            return Ok((known.clone(), None));
        }
        let wanted = self.wanted(app)?;
        if self.names_an_outcome() {
            return Ok((vec![addresses::direct(&wanted).unwrap_or_else(|| self.nobody())], None));
        }
        let Resolved { addresses, profile } = self.resolved(wanted).await?;
        if !addresses.is_empty() {
            return Ok((addresses.into_iter().take(TARGETS_MAX).collect(), profile));
        }
        let code = match profile {
            // There is a device, but nothing says which gateway reaches it.
            Some(Standing { has_os: false, .. }) if self.channel == Channel::Push => NO_OS,
            _ => EarlyOutcome::ProfileNotFound.code(),
        };
        Err(Attempted::refused(code))
    }

    /// Whether the tenant's policies let it leave; it is paid for then.
    async fn allowed(
        &self,
        app: Option<&Arc<App>>,
        targets: &[Address],
        standing: Option<Standing>,
    ) -> Result<(), Attempted> {
        let number = self.number(targets)?;
        let question = Question {
            request: self.item.payload.request(),
            message: self.item.payload.message(),
            channel: self.channel,
            app: app.map(Arc::as_ref),
            text: self.stored.text(),
            segments: 1,
            number: number.as_ref(),
            standing,
            now: self.shared.clock.now(),
        };
        match policy::decide(self.shared, question).await {
            Ok(decision) => match decision.refused {
                Some(code) => Err(Attempted::Refused { code, why: decision.line() }),
                None => Ok(()),
            },
            // Not knowing whether it may leave is no reason to send.
            Err(error) => {
                Err(Attempted::Unchecked { code: code::FAILED_AT_PLATFORM, why: error.to_string() })
            }
        }
    }

    /// The telephone number of a call; the sandbox's forced ones need not be numbers.
    fn number(&self, targets: &[Address]) -> Result<Option<Msisdn>, Attempted> {
        let Some(address) = targets.first().filter(|_| self.channel == Channel::Voice) else {
            return Ok(None);
        };
        match Msisdn::parse(&address.value, PlusRule::Optional) {
            Ok(number) => Ok(Some(number)),
            Err(_) if self.names_an_outcome() => Ok(None),
            Err(_) => Err(Attempted::refused(EarlyOutcome::InvalidAddress.code())),
        }
    }

    fn wanted(&self, app: Option<&Arc<App>>) -> Result<Wanted, Attempted> {
        let message = self.item.payload.message();
        let id_type = IdType::from_key(&message.dest_type)
            .ok_or(Attempted::refused(EarlyOutcome::ProfileNotFound.code()))?;
        Ok(Wanted {
            tenant: self.item.payload.request().tenant,
            channel: self.channel,
            app: app.map(|app| app.id),
            id_type,
            value: message.destination.clone(),
        })
    }

    async fn resolved(&self, wanted: Wanted) -> Result<Resolved, Attempted> {
        let resolved = self.shared.resolver.resolve_with_standing(wanted).await;
        resolved.map_err(|error| Attempted::Unchecked {
            code: code::FAILED_AT_PLATFORM,
            why: format!("the address could not be looked up: {error}"),
        })
    }

    /// In the sandbox a value that names an outcome needs nobody behind it.
    fn nobody(&self) -> Address {
        let value = &self.item.payload.message().destination;
        let kind = match self.channel {
            Channel::Sms | Channel::Voice => AddressKind::Msisdn,
            Channel::Push => AddressKind::AndroidPush,
            Channel::Fb => AddressKind::Psid,
            Channel::Twitter => AddressKind::TwitterId,
            Channel::Wechat => AddressKind::WechatId,
            Channel::Rt | Channel::Email | Channel::Whatsapp => AddressKind::UserId,
        };
        Address { kind, value: value.clone(), device: None }
    }

    fn outgoing(&self, account: &Arc<AppAccount>, block: &Arc<Value>, address: Address) -> Outgoing {
        let payload = &self.item.payload;
        Outgoing {
            account: Arc::clone(account),
            block: Arc::clone(block),
            address,
            tid: payload.request().transaction(payload.message().unit).to_string(),
            expires_at: self.item.expires_at,
            deadline_ms: self.shared.settings.send_deadline_ms,
        }
    }
}

/// The profile has a device whose operating system is not known (spec 9.1).
const NO_OS: u16 = 7119;

/// Devices of one recipient that are reached at most.
const TARGETS_MAX: usize = 100;

/// The parts that are still to be handed over.
fn open(item: &SendItem, targets: usize) -> Vec<u8> {
    let count = u8::try_from(targets).unwrap_or(u8::MAX);
    // Progress without addresses is that of an attempt which found none yet.
    match item.progress.as_ref().filter(|_| !item.targets.is_empty()) {
        None => (0..count).collect(),
        Some(progress) => (0..count)
            .filter(|part| {
                progress.parts().get(usize::from(*part)).is_some_and(|slot| slot.state == PartState::Pending)
            })
            .collect(),
    }
}

//! From the id a client wrote to the addresses a provider understands (spec 3.2).

mod batch;
mod probe;

use waypost_channels::connector::{Address, AddressKind};
use waypost_core::channel::Channel;
use waypost_store::{Store, StoreError};

use crate::rules::IdType;
use batch::Batcher;
use probe::Probes;
pub(crate) use probe::platform;

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Wanted {
    /// Whose profiles.
    pub tenant: i64,
    /// For which channel.
    pub channel: Channel,
    /// The app asset's row, on channels that have one.
    pub app: Option<i64>,
    /// What the client's id is.
    pub id_type: IdType,
    /// The client's id.
    pub value: String,
}

/// What the profile behind an id says of its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// `status` is 1 (7110 otherwise).
    pub active: bool,
    /// `verified` is 1 (7116 otherwise, for tenants that ask for it).
    pub verified: bool,
    /// `os` is known; without it a push gateway cannot be chosen (7119).
    pub has_os: bool,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// Where to send; empty when nothing was found (7105).
    pub addresses: Vec<Address>,
    /// The profile, when there is one.
    pub profile: Option<Standing>,
}

/// Finds addresses. Look-ups that arrive together are answered by the same few queries.
#[derive(Clone)]
pub struct Resolver {
    batcher: Batcher,
}

impl std::fmt::Debug for Resolver {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Resolver").finish_non_exhaustive()
    }
}

impl Resolver {
    /// Over the profiles in this store.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { batcher: Batcher::new(store) }
    }

    /// The addresses behind one id. What already is an address of its channel costs nothing, and its profile stays
    /// unknown; see [`Self::resolve_with_standing`].
    ///
    /// # Errors
    /// Those of the store.
    pub async fn resolve(&self, wanted: Wanted) -> Result<Resolved, StoreError> {
        match direct(&wanted) {
            // The devices of an in-app user are asked for: the message goes to each of them.
            Some(address) if wanted.channel != Channel::Rt => {
                Ok(Resolved { addresses: vec![address], profile: None })
            }
            _ => self.look(wanted).await,
        }
    }

    /// The same, and the profile also of what already is an address: for tenants whose rules ask for it.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn resolve_with_standing(&self, wanted: Wanted) -> Result<Resolved, StoreError> {
        self.look(wanted).await
    }

    /// Statements that were run so far.
    #[must_use]
    pub fn queries(&self) -> u64 {
        self.batcher.queries()
    }

    async fn look(&self, wanted: Wanted) -> Result<Resolved, StoreError> {
        match Probes::of(&wanted) {
            Some(probes) => self.batcher.look(probes).await,
            None => Ok(Resolved { addresses: direct(&wanted).into_iter().collect(), profile: None }),
        }
    }
}

/// An id that already is an address of its channel.
#[must_use]
pub fn direct(wanted: &Wanted) -> Option<Address> {
    let kind = AddressKind::from_id_key(wanted.id_type.as_str())?;
    let fits = match wanted.channel {
        Channel::Sms | Channel::Voice => kind == AddressKind::Msisdn,
        Channel::Push => kind.is_push(),
        Channel::Rt => matches!(kind, AddressKind::UserId | AddressKind::Topic),
        Channel::Fb => kind == AddressKind::Psid,
        Channel::Twitter => kind == AddressKind::TwitterId,
        Channel::Wechat => kind == AddressKind::WechatId,
        Channel::Email | Channel::Whatsapp => false,
    };
    fits.then(|| Address { kind, value: wanted.value.clone(), device: None })
}

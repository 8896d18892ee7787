//! Search keys: 64-bit hashes by which the store finds rows by an outside id.
//!
//! An index over random text costs several times an index over integers, so the store keeps one integer per
//! id and compares the row's own text afterwards. **The hash is on disk**: a change of it is a migration. It is
//! FNV-1a 64 over the kind octet, the scope as 8 octets little-endian and the text's octets, followed by the
//! `fmix64` finaliser of MurmurHash3 (FNV alone leaves the high bits of short texts poorly mixed), read as `i64`.

/// What a key stands for; part of the hash, so that keys of different kinds do not meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum KeyKind {
    /// The client's own reference. Scope: tenant.
    CorrelationId = 1,
    /// The address a message went to. Scope: tenant.
    Destination = 2,
    /// The id a provider gave a message. Scope: connection. See [`crate::sms::provider_id`].
    ProviderId = 3,
    /// A transaction id that is not ours to decode. Scope: tenant.
    TransactionId = 4,
    /// The id under which a customer is known to the client. Scope: tenant.
    CustomerId = 5,
    /// The address a message came from. Scope: tenant.
    Source = 6,
    /// Telephone number of a customer, digits only. Scope: tenant.
    ProfileMsisdn = 16,
    /// Mail address of a customer, in small letters. Scope: tenant.
    ProfileEmail = 17,
    /// User of an app: its user id, page-scoped id, Twitter or WeChat id. Scope: app.
    AppUser = 18,
    /// The customer an app profile belongs to. Scope: app.
    AppCustomer = 19,
    /// Push token of a device. Scope: app.
    AppToken = 20,
    /// Device of an app. Scope: app.
    AppDevice = 21,
}

/// The key of a text. `scope` is the id of the tenant or connection inside which the text is unique.
#[must_use]
pub fn key(kind: KeyKind, scope: i64, text: &str) -> i64 {
    let mut hasher = KeyHasher::new(kind, scope);
    hasher.write(text.as_bytes());
    hasher.finish()
}

/// The same, for a text that exists in pieces only.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyHasher(u64);

impl KeyHasher {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;

    pub(crate) fn new(kind: KeyKind, scope: i64) -> Self {
        let mut hasher = Self(Self::OFFSET);
        hasher.write(&[kind as u8]);
        hasher.write(&scope.to_le_bytes());
        hasher
    }

    pub(crate) fn write(&mut self, octets: &[u8]) {
        for octet in octets {
            self.0 = (self.0 ^ u64::from(*octet)).wrapping_mul(Self::PRIME);
        }
    }

    pub(crate) const fn finish(self) -> i64 {
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        (mixed ^ (mixed >> 33)).cast_signed()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_hash_on_disk_never_changes() {
        assert_eq!(key(KeyKind::CorrelationId, 1, ""), -95_327_693_028_278_683);
        assert_eq!(key(KeyKind::ProviderId, -7, "t:abc"), 7_652_647_994_280_287_073);
    }

    #[test]
    fn kind_and_scope_are_part_of_the_key() {
        let keys: HashSet<i64> = [
            key(KeyKind::CorrelationId, 1, "447700900001"),
            key(KeyKind::Destination, 1, "447700900001"),
            key(KeyKind::Destination, 2, "447700900001"),
            key(KeyKind::Destination, 2, "447700900002"),
        ]
        .into();
        assert_eq!(keys.len(), 4);
    }

    #[test]
    fn a_hundred_thousand_numbers_in_a_row_have_as_many_keys() {
        let keys: HashSet<i64> =
            (0..100_000).map(|n| key(KeyKind::Destination, 1, &format!("4477009{n:05}"))).collect();
        assert_eq!(keys.len(), 100_000);
    }
}

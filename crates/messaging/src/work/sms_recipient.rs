//! The number an SMS goes to: the client's own, or that of the profile its id leads to (spec 3.2).

use waypost_core::channel::Channel;
use waypost_core::msisdn::{Msisdn, PlusRule};
use waypost_core::outcome::code;
use waypost_core::sandbox::forced_outcome;

use super::addresses::{Resolved, Standing, Wanted};
use super::gateway::SANDBOX_GROUP;
use super::runtime::Shared;
use super::sandbox::is_outcome;
use super::sms_item::SmsItem;
use super::sms_submit::Attempted;
use crate::rules::{EarlyOutcome, IdType};

/// Who gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The number.
    pub number: Msisdn,
    /// The profile behind it, where it was asked for.
    pub standing: Option<Standing>,
    /// Whether the number is not the one the client wrote, and must be kept.
    pub is_resolved: bool,
}

/// Finds the number. A client's own costs nothing, unless the tenant sends to verified destinations only.
///
/// # Errors
/// What the attempt ends with: 7102 or 7105, or that it could not be looked up now.
pub async fn find(shared: &Shared, group: i64, item: &SmsItem) -> Result<Recipient, Attempted> {
    let message = item.message();
    let id_type = IdType::from_key(&message.dest_type).unwrap_or(IdType::CustomerId);
    let verified_only = || {
        let current = shared.directory.current();
        current.policies().of_tenant(item.request().tenant).is_some_and(|policies| policies.verified_only)
    };
    if let Some(known) = &item.number {
        let number = plain(known)?;
        // The number is kept; whether its owner is verified is asked at every attempt.
        let standing = if verified_only() { look(shared, item, id_type).await?.profile } else { None };
        return Ok(Recipient { number, standing, is_resolved: true });
    }
    let own = (id_type == IdType::Msisdn).then(|| plain(&message.destination));
    let found = match own {
        Some(Ok(number)) if !verified_only() => Ok(Recipient { number, standing: None, is_resolved: false }),
        Some(Ok(number)) => {
            let standing = look(shared, item, id_type).await?.profile;
            Ok(Recipient { number, standing, is_resolved: false })
        }
        Some(Err(ended)) => Err(ended),
        None => of_profile(look(shared, item, id_type).await?),
    };
    found.or_else(|ended| stand_in(group, &message.destination).ok_or(ended))
}

fn plain(text: &str) -> Result<Msisdn, Attempted> {
    Msisdn::parse(text, PlusRule::Optional)
        .map_err(|_| Attempted::refused(EarlyOutcome::InvalidAddress.code()))
}

fn of_profile(resolved: Resolved) -> Result<Recipient, Attempted> {
    let address = resolved.addresses.first();
    let address = address.ok_or(Attempted::refused(EarlyOutcome::ProfileNotFound.code()))?;
    let number = plain(&address.value)?;
    Ok(Recipient { number, standing: resolved.profile, is_resolved: true })
}

async fn look(shared: &Shared, item: &SmsItem, id_type: IdType) -> Result<Resolved, Attempted> {
    let wanted = Wanted {
        tenant: item.request().tenant,
        channel: Channel::Sms,
        app: None,
        id_type,
        value: item.message().destination.clone(),
    };
    let found = shared.resolver.resolve_with_standing(wanted).await;
    found.map_err(|error| Attempted::Unchecked {
        code: code::FAILED_AT_PLATFORM,
        why: format!("the number could not be looked up: {error}"),
    })
}

/// In the sandbox an id that names an outcome needs nobody behind it: the simulated provider is asked for the same.
fn stand_in(group: i64, destination: &str) -> Option<Recipient> {
    if group != SANDBOX_GROUP {
        return None;
    }
    let asked = forced_outcome(destination).filter(|asked| is_outcome(*asked))?;
    let number = Msisdn::parse(&format!("44770090{asked}"), PlusRule::Optional).ok()?;
    Some(Recipient { number, standing: None, is_resolved: true })
}

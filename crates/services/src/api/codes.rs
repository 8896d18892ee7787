//! Codes and guids made from randomness.

use waypost_status::MtapiCode;

use super::call::Call;
use crate::rules::Fault;

/// Characters of a code. There are no letters and digits that are mistaken for one another.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// How many: 60 bits.
const CODE_CHARS: usize = 12;

/// A code that nobody guesses.
///
/// # Errors
/// 901000 when there is no randomness.
pub(super) fn code(call: &Call) -> Result<String, Fault> {
    let bytes: [u8; CODE_CHARS] = random(call)?;
    Ok(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(*byte % 32)])).collect())
}

/// A guid of our own.
///
/// # Errors
/// 901000 when there is no randomness.
pub(super) fn guid(call: &Call) -> Result<String, Fault> {
    Ok(uuid::Builder::from_random_bytes(random(call)?).into_uuid().to_string())
}

fn random<const N: usize>(call: &Call) -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    if call.app().seams.random.fill(&mut bytes) { Ok(bytes) } else { Err(MtapiCode::InternalError.into()) }
}

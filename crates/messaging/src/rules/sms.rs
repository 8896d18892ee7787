//! `channels.sms` (spec 3.4).

use super::missing::Missing;
use super::param::Param;
use super::plan::{ServiceView, SmsBody, SmsContent, SmsKind};
use super::refusal::Refusal;
use super::request::optional;
use super::template::Values;
use crate::wire::{Block, Extras, Sms, Text};

/// Checks the block. Without a block the content is the template's.
pub(super) fn content(
    block: Option<&Sms<'_>>,
    templated: bool,
    values: Values<'_>,
    service: &ServiceView,
) -> Result<SmsContent, Refusal> {
    let empty = Sms::default();
    let sms = match block {
        Some(sms) => sms,
        None if templated => &empty,
        None => return Err(Missing::Sms.into()),
    };
    let kind = kind(&sms.kind)?;
    let body = match kind {
        SmsKind::Binary => binary(sms)?,
        SmsKind::Text | SmsKind::Flash | SmsKind::Unicode => text(sms, templated, values)?,
    };
    let sender = optional(&sms.senderid, Param::SenderId)?.or_else(|| service.default_sender.clone());
    Ok(SmsContent { kind, body, sender, dlt_template: dlt_template(&sms.extras)? })
}

fn kind(given: &Text<'_>) -> Result<SmsKind, Refusal> {
    match given {
        Text::Absent => Ok(SmsKind::default()),
        Text::Value(text) => SmsKind::parse(text).ok_or(Refusal::SmsType),
        Text::Wrong => Err(Refusal::SmsType),
    }
}

fn binary(sms: &Sms<'_>) -> Result<SmsBody, Refusal> {
    optional(&sms.body, Param::SmsBody)?.map(SmsBody::Binary).ok_or_else(|| Missing::SmsBody.into())
}

fn text(sms: &Sms<'_>, templated: bool, values: Values<'_>) -> Result<SmsBody, Refusal> {
    let media_path = match &sms.media_path {
        Text::Wrong => return Err(Param::MediaPath.into()),
        given => given.filled(),
    };
    let given = match &sms.text {
        Text::Wrong => return Err(Param::SmsText.into()),
        given => given.filled(),
    };
    let Some(given) = given else {
        return if templated { Ok(SmsBody::Template) } else { Err(Missing::SmsText.into()) };
    };
    let mut filled = values.fill(given);
    if let Some(path) = media_path {
        if !filled.text.ends_with(char::is_whitespace) {
            filled.text.push(' ');
        }
        filled.text.push_str(path);
    }
    Ok(SmsBody::Text { text: filled.text, unresolved: filled.unresolved })
}

fn dlt_template(extras: &Block<Extras<'_>>) -> Result<Option<String>, Refusal> {
    match extras {
        Block::Absent => Ok(None),
        Block::Present(extras) => optional(&extras.dlt_templateid, Param::DltTemplateId),
        Block::Wrong => Err(Param::SmsExtras.into()),
    }
}

/// Octets of an even number of hexadecimal digits; at least one octet.
pub fn decode_hex(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes();
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
    digits.chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

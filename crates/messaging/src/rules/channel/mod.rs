//! Content blocks of the channels other than SMS (spec 3.5 to 3.10): what the contract asks for before acceptance. The
//! blocks are read as plain JSON: there is no connector behind them whose speed would count.
//!
//! What is refused is refused at the place where the client wrote it; what is accepted is then brought to one
//! spelling ([`canonical`]), so that nothing behind acceptance knows of aliases.

mod action;
mod attachment;
mod buttons;
mod canonical;
mod extras;
mod fb;
mod fb_template;
mod interactive;
mod media;
mod notification;
mod ott;
mod push;
mod quick_replies;
mod rt;
mod rt_template;
mod twitter;
mod voice;
mod wechat;

use serde_json::Value;
use serde_json::value::RawValue;
use waypost_core::channel::Channel;

pub use interactive::InteractiveFault;
pub use ott::Ott;
pub(super) use voice::is_too_long as is_voice_too_long;

use super::missing::Missing;
use super::node::{Checked, Node};
use super::refusal::Refusal;
use crate::wire::Channels;

/// How the block of a channel is found and named.
#[derive(Clone, Copy)]
enum Place {
    Voice,
    Push,
    Rt,
    Ott(Ott),
}

impl Place {
    const fn of(channel: Channel) -> Option<Self> {
        Some(match channel {
            Channel::Voice => Self::Voice,
            Channel::Push => Self::Push,
            Channel::Rt => Self::Rt,
            Channel::Fb => Self::Ott(Ott::Fb),
            Channel::Twitter => Self::Ott(Ott::Twitter),
            Channel::Wechat => Self::Ott(Ott::Wechat),
            Channel::Sms | Channel::Email | Channel::Whatsapp => return None,
        })
    }

    const fn raw<'a>(self, channels: &Channels<'a>) -> Option<&'a RawValue> {
        match self {
            Self::Voice => channels.voice,
            Self::Push => channels.push,
            Self::Rt => channels.appmessaging,
            Self::Ott(_) => channels.ott,
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Voice => "channels.voice",
            Self::Push => "channels.push",
            Self::Rt => "channels.appmessaging",
            Self::Ott(_) => "channels.OTT-Messaging",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Voice => "voice",
            Self::Push => "push",
            Self::Rt => "appmessaging",
            Self::Ott(_) => "OTT-Messaging",
        }
    }

    const fn absent(self) -> Missing {
        match self {
            Self::Voice => Missing::Voice,
            Self::Push => Missing::Push,
            Self::Rt => Missing::Appmessaging,
            Self::Ott(ott) => Missing::Ott(ott),
        }
    }
}

/// Checks the block of `channel` and returns it in one spelling. With a template it may be missing, whole or in its
/// content, and is an empty object when it is.
pub(super) fn check(channel: Channel, channels: Option<&Channels<'_>>, templated: bool) -> Checked<Value> {
    let nothing = || Value::Object(serde_json::Map::new());
    let Some(place) = Place::of(channel) else { return Ok(nothing()) };
    let Some(raw) = channels.and_then(|channels| place.raw(channels)) else {
        return if templated { Ok(nothing()) } else { Err(place.absent().into()) };
    };
    // It was read once already: what is left to refuse is that it is no object.
    let mut block: Value = serde_json::from_str(raw.get()).unwrap_or_default();
    let root = Node::at(place.path(), place.name(), &block).into_object()?;
    match place {
        Place::Voice => voice::check(&root, templated)?,
        Place::Push => push::check(&root, templated)?,
        Place::Rt => rt::check(&root, templated)?,
        Place::Ott(ott) => return in_ott(&root, ott, templated),
    }
    canonical::spell(channel, &mut block);
    Ok(block)
}

/// The block of a channel inside `channels["OTT-Messaging"]`.
fn in_ott(blocks: &Node<'_>, ott: Ott, templated: bool) -> Checked<Value> {
    let Some(block) = blocks.get(ott.as_str()) else {
        let nothing = Value::Object(serde_json::Map::new());
        return if templated { Ok(nothing) } else { Err(Missing::OttBlock(ott).into()) };
    };
    let block = block.into_object()?;
    let said = match ott {
        Ott::Fb => fb::check(&block),
        Ott::Twitter => twitter::check(&block),
        Ott::Wechat => wechat::check(&block),
    }?;
    require(said || templated, Missing::OttText(ott))?;
    let mut block = block.value().clone();
    canonical::spell(ott.channel(), &mut block);
    Ok(block)
}

fn require(condition: bool, missing: Missing) -> Checked {
    if condition { Ok(()) } else { Err(missing.into()) }
}

/// A priority of 1 to 5, as rt and Android have it.
fn priority_of_five(block: &Node<'_>) -> Checked {
    let Some(priority) = block.get("priority") else { return Ok(()) };
    let good = priority.as_text().is_some_and(|text| matches!(&*text, "1" | "2" | "3" | "4" | "5"));
    if good { Ok(()) } else { Err(Refusal::PriorityOfFive(priority.path().to_owned())) }
}

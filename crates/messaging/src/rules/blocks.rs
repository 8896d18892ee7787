//! Content blocks of the channels other than SMS (spec 3.5, 3.6, 3.8 to 3.10): what the contract asks for before
//! acceptance. The blocks are read as plain JSON: there is no connector behind them whose speed would count.

use serde_json::Value;
use serde_json::value::RawValue;
use waypost_core::channel::Channel;

use super::interactive;
use super::ott::Ott;
use super::refusal::{Missing, Param, Refusal};
use crate::wire::Channels;

/// How the block of a channel is found and named.
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

    const fn raw<'a>(&self, channels: &Channels<'a>) -> Option<&'a RawValue> {
        match self {
            Self::Voice => channels.voice,
            Self::Push => channels.push,
            Self::Rt => channels.appmessaging,
            Self::Ott(_) => channels.ott,
        }
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Voice => "voice",
            Self::Push => "push",
            Self::Rt => "appmessaging",
            Self::Ott(_) => "OTT-Messaging",
        }
    }

    const fn absent(&self) -> Missing {
        match self {
            Self::Voice => Missing::Voice,
            Self::Push => Missing::Push,
            Self::Rt => Missing::Appmessaging,
            Self::Ott(ott) => Missing::Ott(*ott),
        }
    }
}

/// Checks the block of `channel` and returns it. With a template it may be missing, and is an empty object then.
pub(super) fn check(
    channel: Channel,
    channels: Option<&Channels<'_>>,
    templated: bool,
) -> Result<Value, Refusal> {
    let nothing = || Value::Object(serde_json::Map::new());
    let Some(place) = Place::of(channel) else { return Ok(nothing()) };
    let Some(raw) = channels.and_then(|channels| place.raw(channels)) else {
        return if templated { Ok(nothing()) } else { Err(place.absent().into()) };
    };
    let block = match serde_json::from_str(raw.get()) {
        Ok(block @ Value::Object(_)) => block,
        _ => return Err(Param::ChannelBlock(place.name()).into()),
    };
    match place {
        Place::Voice => voice(&block).map(|()| block),
        Place::Push => push(&block).map(|()| block),
        Place::Rt => rt(&block).map(|()| block),
        Place::Ott(Ott::Fb) => ott(block, Ott::Fb, &["attachment", "sender_action"]),
        Place::Ott(Ott::Twitter) => ott(block, Ott::Twitter, &[]),
        Place::Ott(Ott::Wechat) => ott(block, Ott::Wechat, &["attachment"]),
    }
}

/// Whether a member is there and says something: an empty text, object or array does not.
pub(super) fn filled(block: &Value, name: &str) -> bool {
    match block.get(name) {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(members)) => !members.is_empty(),
        Some(Value::Bool(_) | Value::Number(_)) => true,
    }
}

fn require(condition: bool, missing: Missing) -> Result<(), Refusal> {
    if condition { Ok(()) } else { Err(missing.into()) }
}

fn voice(block: &Value) -> Result<(), Refusal> {
    require(["callflowid", "media", "promptid"].iter().any(|name| filled(block, name)), Missing::VoiceContent)
}

fn push(block: &Value) -> Result<(), Refusal> {
    let given = |name| block.get(name).filter(|platform: &&Value| !platform.is_null());
    let (android, ios) = (given("android"), given("ios"));
    require(android.is_some() || ios.is_some() || given("web").is_some(), Missing::PushPlatform)?;
    require(android.is_none_or(|android| filled(android, "text")), Missing::AndroidText)?;
    require(ios.is_none_or(|ios| filled(ios, "text")), Missing::IosText)?;
    if let Some(android) = android {
        priority_of_five(android, "channels.push.android.priority")?;
    }
    given("interactive").map_or(Ok(()), |block| interactive::check(block).map_err(Refusal::from))
}

fn rt(block: &Value) -> Result<(), Refusal> {
    priority_of_five(block, "channels.appmessaging.priority")?;
    let indicator = matches!(block.get("type").and_then(Value::as_str), Some("typingStart" | "typingStop"));
    let message = block.get("message");
    let inside = |name| message.is_some_and(|message| filled(message, name)) || filled(block, name);
    require(indicator || inside("text") || inside("attachment"), Missing::RtText)
}

fn priority_of_five(block: &Value, field: &'static str) -> Result<(), Refusal> {
    let good = match block.get("priority") {
        None | Some(Value::Null) => true,
        Some(Value::Number(number)) => number.as_u64().is_some_and(|number| (1..=5).contains(&number)),
        Some(Value::String(text)) => matches!(text.as_str(), "1" | "2" | "3" | "4" | "5"),
        Some(_) => false,
    };
    if good { Ok(()) } else { Err(Refusal::PriorityOfFive(field)) }
}

fn ott(mut blocks: Value, ott: Ott, instead_of_text: &[&str]) -> Result<Value, Refusal> {
    let block = match blocks.get_mut(ott.as_str()).map(Value::take) {
        None | Some(Value::Null) => return Err(Missing::OttBlock(ott).into()),
        Some(block @ Value::Object(_)) => block,
        Some(_) => return Err(Param::ChannelBlock(ott.as_str()).into()),
    };
    let said = filled(&block, "text") || instead_of_text.iter().any(|name| filled(&block, name));
    require(said, Missing::OttText(ott)).map(|()| block)
}

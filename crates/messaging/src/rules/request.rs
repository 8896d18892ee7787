//! The checks of a request in the order of the contract (spec 2.3), from `expiry` on.

use waypost_core::channel::Channel;
use waypost_core::time::{Micros, parse_expiry};

use super::channel;
use super::destination::{correlation, units};
use super::missing::Missing;
use super::node::is_web_url;
use super::param::Param;
use super::plan::{
    CALLBACK_DATA_CHARS_MAX, Content, NOTIFY_URL_BYTES_MAX, NotifyTo, Plan, Priority, Route, ServiceView,
    Template,
};
use super::refusal::Refusal;
use super::template::{Values, fill_block};
use super::{members, sms};
use crate::wire::{Block, Channels, Message, Request, Text};

/// Checks everything that is checked before acceptance.
///
/// # Errors
/// The first [`Refusal`] of the whole request. Faults of one destination object stand in [`Plan::units`].
pub fn validate(request: Request<'_>, service: &ServiceView, now: Micros) -> Result<Plan, Refusal> {
    let expires_at = expiry(&request.expiry, now)?;
    let channel = delivery_channel(&request.deliverychannel)?;
    let (template, parameters) = message(&request.message)?;
    let channels = channels(&request.channels)?;
    let smart_links = members::smart_links(channels.and_then(|channels| channels.smartlinks))?;
    let values = Values { parameters: &parameters, links: &smart_links };
    let mut content = content(channels, channel, template.is_some(), values, service)?;
    // With a template they are filled when it is laid under the request's own content.
    let unresolved = match &mut content {
        Content::Block(block) if template.is_none() && !parameters.is_empty() => fill_block(block, values),
        Content::Block(_) | Content::Sms(_) => None,
    };
    let asks_contact_policy = members::contact_policy(channels.and_then(|channels| channels.contact_policy))?;
    let appid = optional(&request.appid, Param::Appid)?;
    let priority = priority(&request.priority, service)?;
    let route = route(&request.route)?;
    let callback_data = callback_data(&request.callback_data)?;
    let notify_auth = optional(&request.notifyurl_auth_id, Param::NotifyUrlAuthId)?;
    let of_request = correlation(request.correlation(), Param::CorrelationId)?;
    conversation(&request.conversationid, &mut content)?;
    members::options(request.options)?;
    members::ic_message(request.icmessage)?;
    members::gtr_ids(request.gtr_id, &request.destination)?;
    let notify = notify(&request.notifyurl);
    let units = units(request.destination, of_request.as_deref())?;
    Ok(Plan {
        channel,
        appid,
        content,
        unresolved,
        spoken: if channel == Channel::Voice { parameters.clone() } else { Vec::new() },
        template: template.map(|id| Template { id, parameters }),
        units,
        notify,
        notify_auth,
        callback_data,
        expires_at,
        priority,
        route,
        smart_links,
        asks_contact_policy,
    })
}

/// A text that may be left out; an empty one counts as left out.
pub(super) fn optional(given: &Text<'_>, param: Param) -> Result<Option<String>, Refusal> {
    match given {
        Text::Wrong => Err(param.into()),
        other => Ok(other.filled().map(str::to_owned)),
    }
}

fn expiry(given: &Text<'_>, now: Micros) -> Result<Option<Micros>, Refusal> {
    let Some(text) = given.filled() else {
        return if matches!(given, Text::Wrong) { Err(Param::Expiry.into()) } else { Ok(None) };
    };
    let at = parse_expiry(text).map_err(|_| Param::Expiry)?;
    if at <= now { Err(Refusal::Expired) } else { Ok(Some(at)) }
}

fn delivery_channel(given: &Text<'_>) -> Result<Channel, Refusal> {
    match given {
        Text::Absent => Err(Missing::Channel.into()),
        Text::Value(text) if text.is_empty() => Err(Missing::ChannelValue.into()),
        Text::Value(text) => sendable(text).ok_or(Refusal::ChannelUnknown),
        Text::Wrong => Err(Refusal::ChannelUnknown),
    }
}

/// The seven channels of Messaging v1; e-mail and WhatsApp belong to later versions of the API.
fn sendable(name: &str) -> Option<Channel> {
    Channel::parse(name).filter(|channel| !matches!(channel, Channel::Email | Channel::Whatsapp))
}

type TemplateParts = (Option<String>, Vec<(String, String)>);

fn message(given: &Block<Message<'_>>) -> Result<TemplateParts, Refusal> {
    let message = match given {
        Block::Absent => return Ok((None, Vec::new())),
        Block::Wrong => return Err(Param::Message.into()),
        Block::Present(message) => message,
    };
    let template = optional(&message.template, Param::Template)?;
    let pairs = match &message.parameters {
        Block::Absent => return Ok((template, Vec::new())),
        Block::Wrong => return Err(Param::Parameters.into()),
        Block::Present(parameters) => &parameters.0,
    };
    let mut values = Vec::with_capacity(pairs.len());
    for (name, value) in pairs {
        match value {
            Text::Absent => {}
            Text::Value(value) => values.push((name.clone().into_owned(), value.clone().into_owned())),
            Text::Wrong => return Err(Param::Parameters.into()),
        }
    }
    Ok((template, values))
}

fn channels<'b, 'a>(given: &'b Block<Channels<'a>>) -> Result<Option<&'b Channels<'a>>, Refusal> {
    match given {
        Block::Wrong => Err(Param::Channels.into()),
        given => Ok(given.present()),
    }
}

fn content(
    channels: Option<&Channels<'_>>,
    channel: Channel,
    templated: bool,
    values: Values<'_>,
    service: &ServiceView,
) -> Result<Content, Refusal> {
    if channel != Channel::Sms {
        return channel::check(channel, channels, templated).map(Content::Block);
    }
    let block = match channels.map(|channels| &channels.sms) {
        Some(Block::Wrong) => return Err(Param::Sms.into()),
        given => given.and_then(Block::present),
    };
    sms::content(block, templated, values, service).map(Content::Sms)
}

/// Kept with the content of the channels whose samples have it; nothing of the contract gives it back.
fn conversation(given: &Text<'_>, content: &mut Content) -> Result<(), Refusal> {
    let given = optional(given, Param::ConversationId)?;
    if let (Some(id), Content::Block(serde_json::Value::Object(block))) = (given, content) {
        block.insert("conversationid".to_owned(), id.into());
    }
    Ok(())
}

fn priority(given: &Text<'_>, service: &ServiceView) -> Result<Priority, Refusal> {
    match given {
        Text::Absent => Ok(service.default_priority),
        Text::Value(text) => Priority::parse(text).ok_or_else(|| Param::Priority.into()),
        Text::Wrong => Err(Param::Priority.into()),
    }
}

fn route(given: &Text<'_>) -> Result<Option<Route>, Refusal> {
    match given {
        Text::Absent => Ok(None),
        Text::Value(text) => Route::parse(text).map(Some).ok_or_else(|| Param::Route.into()),
        Text::Wrong => Err(Param::Route.into()),
    }
}

fn callback_data(given: &Text<'_>) -> Result<Option<String>, Refusal> {
    let text = optional(given, Param::CallbackData)?;
    let long = text.as_ref().is_some_and(|text| {
        // Bytes bound characters from above: most texts need no counting.
        text.len() > CALLBACK_DATA_CHARS_MAX && text.chars().count() > CALLBACK_DATA_CHARS_MAX
    });
    if long { Err(Param::CallbackData.into()) } else { Ok(text) }
}

/// A bad URL never refuses the message (spec 3.1).
fn notify(given: &Text<'_>) -> NotifyTo {
    match given {
        Text::Absent => NotifyTo::Service,
        Text::Wrong => NotifyTo::Unusable(String::new()),
        Text::Value(text) if text.is_empty() => NotifyTo::Service,
        Text::Value(text) if text.len() <= NOTIFY_URL_BYTES_MAX && is_web_url(text) => {
            NotifyTo::Url(text.clone().into_owned())
        }
        // What cannot be called need not be kept whole.
        Text::Value(text) => NotifyTo::Unusable(text.chars().take(NOTIFY_URL_BYTES_MAX / 4).collect()),
    }
}

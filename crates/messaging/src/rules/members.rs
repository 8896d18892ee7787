//! Members of later versions of the API (spec 3.1): what is kept of them, and what is only checked.

use std::collections::HashSet;

use serde_json::Value;
use serde_json::value::RawValue;

use super::node::{Checked, Node};
use super::plan::SmartLink;
use crate::wire::{Destinations, VALUES_MAX};

/// Most tracked links of a request.
const LINKS_MAX: usize = 50;
/// Longest validity of a tracked link, in minutes: ten years.
const VALIDITY_MINUTES_MAX: i64 = 5_256_000;

/// Reads a member that is given; it was read as JSON once already.
fn read(given: Option<&RawValue>) -> Option<Value> {
    given.and_then(|raw| serde_json::from_str(raw.get()).ok()).filter(|value: &Value| !value.is_null())
}

/// `channels.smartlinks`. Whether a link exists is told after acceptance (7121).
pub(super) fn smart_links(given: Option<&RawValue>) -> Checked<Vec<SmartLink>> {
    let Some(value) = read(given) else { return Ok(Vec::new()) };
    let list = Node::at("channels.smartlinks", "smartlinks", &value).into_items()?.at_most(LINKS_MAX)?;
    let mut seen = HashSet::new();
    let mut links = Vec::with_capacity(list.len());
    for item in list.objects() {
        let item = item?;
        let id = item.get("linkid").ok_or_else(|| item.absent("linkid", "the number of a link"))?;
        let link = item.whole("linkid")?.filter(|link| *link > 0 && seen.insert(*link));
        let link = link.ok_or_else(|| id.wrong("the number of a link, each once"))?;
        links.push(SmartLink { link, validity_minutes: validity(&item)? });
    }
    Ok(links)
}

fn validity(item: &Node<'_>) -> Checked<Option<u32>> {
    let Some(minutes) = item.whole("validity")? else { return Ok(None) };
    let in_range = Some(minutes).filter(|minutes| (1..=VALIDITY_MINUTES_MAX).contains(minutes));
    match in_range.and_then(|minutes| u32::try_from(minutes).ok()) {
        Some(minutes) => Ok(Some(minutes)),
        None => {
            let rule = format!("1 to {VALIDITY_MINUTES_MAX} minutes");
            Err(item
                .get("validity")
                .map_or_else(|| item.absent("validity", "minutes"), |node| node.wrong(rule)))
        }
    }
}

/// `channels.contactPolicy`: whether a policy is to be asked. At least one of its two questions must be.
pub(super) fn contact_policy(given: Option<&RawValue>) -> Checked<bool> {
    let Some(value) = read(given) else { return Ok(false) };
    let policy = Node::at("channels.contactPolicy", "contactPolicy", &value).into_object()?;
    let group = policy.text("contactPolicyGroup")?;
    let mut asked = false;
    for name in ["channelCheckConsent", "channelApplyFrequencyCap"] {
        asked |= policy.flag(name)?.unwrap_or(false);
    }
    if !asked {
        return Err(policy.wrong("channelCheckConsent or channelApplyFrequencyCap is true"));
    }
    if group.is_none() {
        return Err(policy.absent("contactPolicyGroup", "mandatory when a policy is asked for"));
    }
    Ok(true)
}

/// `options`: checked, and then without effect.
pub(super) fn options(given: Option<&RawValue>) -> Checked {
    let Some(value) = read(given) else { return Ok(()) };
    let options = Node::at("options", "options", &value).into_object()?;
    options.needed_text("domain")?;
    for name in ["trackClicks", "shortenLinks"] {
        options.flag(name)?;
    }
    options.texts(&["tag1", "tag2"])?;
    // A flag in the prose of the contract, a link in its name: either is taken.
    if options.get("allowFallbackURL").is_some_and(|given| !given.value().is_boolean()) {
        options.texts(&["allowFallbackURL"])?;
    }
    Ok(())
}

/// `icmessage`: checked, and then without effect.
pub(super) fn ic_message(given: Option<&RawValue>) -> Checked {
    let Some(value) = read(given) else { return Ok(()) };
    if value.is_boolean() || value.is_string() {
        return Ok(());
    }
    Err(Node::at("icmessage", "icmessage", &value).wrong("true or false"))
}

/// `gtrId`: one text per destination object; checked, and then without effect.
pub(super) fn gtr_ids(given: Option<&RawValue>, destinations: &Destinations<'_>) -> Checked {
    let Some(value) = read(given) else { return Ok(()) };
    let ids = Node::at("gtrId", "gtrId", &value).into_items()?;
    if let Some(bad) = ids.iter().find(|id| id.as_text().is_none()) {
        return Err(bad.wrong("a text"));
    }
    match destinations {
        // What is wrong with these is told by their own rules.
        Destinations::List(list) if !list.is_empty() && list.len() <= VALUES_MAX => {
            let rule = format!("as many as destination objects, {}", list.len());
            if ids.len() == list.len() { Ok(()) } else { Err(ids.place().wrong(rule)) }
        }
        _ => Ok(()),
    }
}

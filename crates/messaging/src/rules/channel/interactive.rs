//! `channels.push.interactive` and `channels.appmessaging.notification.interactive` (spec 3.7), checked in the order of
//! the contract.

use super::action;
pub(super) use super::buttons::Surface;
use crate::rules::node::{Checked, Items, Node, echo};
use crate::rules::refusal::{Field, Refusal};

/// What is wrong with the buttons; each is one row of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the row of the catalogue it is named after")]
pub enum InteractiveFault {
    CategoryMissing,
    ActionsMissing,
    DeviceTypesMissing,
    DeviceTypeInvalid(String),
    DeviceTypeDuplicate(String),
    CategoryInvalid,
    ActionsCount { expected: usize, found: usize },
    PosMissing,
    PosInvalid(&'static str),
    PosDuplicate,
    IdentifierNotAtPos,
    ActionInvalid,
    IdentifierInvalid,
    ActionNotForIdentifier(&'static str),
    ActionValueMissing(&'static str),
    ActionValueInvalid(&'static str),
}

use InteractiveFault as Fault;

/// A member of `place`, there or not.
fn of(place: &Node<'_>, name: &'static str, rule: impl Into<std::borrow::Cow<'static, str>>) -> Field {
    Field { path: place.path_of(name), param: name, rule: rule.into() }
}

/// Checks the block.
pub(super) fn check(block: Node<'_>, surface: Surface) -> Checked {
    let block = block.into_object()?;
    let Some(category) = block.get("category").filter(|category| category.value().as_str() != Some(""))
    else {
        return Err(Refusal::Interactive(Fault::CategoryMissing, of(&block, "category", "mandatory")));
    };
    let rule = "one action for each button of the category";
    let actions = block.get("actions").and_then(|actions| actions.into_items().ok());
    let Some(actions) = actions.filter(|actions| actions.len() > 0) else {
        return Err(Refusal::Interactive(Fault::ActionsMissing, of(&block, "actions", rule)));
    };
    device_types(&block, surface)?;
    let Some(buttons) = category.value().as_str().and_then(|name| surface.buttons(name)) else {
        let rule = "a category of the channel";
        return Err(Refusal::Interactive(Fault::CategoryInvalid, category.field(rule)));
    };
    if actions.len() != buttons.len() {
        let fault = Fault::ActionsCount { expected: buttons.len(), found: actions.len() };
        return Err(Refusal::Interactive(fault, actions.place().field(rule)));
    }
    each_action(&actions, buttons, surface)?;
    block.texts(&["pushref"])
}

fn device_types(block: &Node<'_>, surface: Surface) -> Checked {
    const RULE: &str = "ios and android, each once";
    let given = block.items("device_types")?.filter(|types| types.len() > 0);
    let Some(types) = given else {
        let needed = surface == Surface::Push;
        let missing = || Refusal::Interactive(Fault::DeviceTypesMissing, of(block, "device_types", RULE));
        return if needed { Err(missing()) } else { Ok(()) };
    };
    for device in types.iter() {
        if !matches!(device.value().as_str(), Some("ios" | "android")) {
            let fault = Fault::DeviceTypeInvalid(echo(device.value()));
            return Err(Refusal::Interactive(fault, device.field(RULE)));
        }
    }
    let mut seen = Vec::with_capacity(2);
    for device in types.iter() {
        if seen.contains(&device.value()) {
            let fault = Fault::DeviceTypeDuplicate(echo(device.value()));
            return Err(Refusal::Interactive(fault, device.field(RULE)));
        }
        seen.push(device.value());
    }
    Ok(())
}

fn each_action(actions: &Items<'_>, buttons: &'static [&'static str], surface: Surface) -> Checked {
    let mut seen = [false; 2];
    for action in actions.iter() {
        let at = position(&action, buttons.len())?;
        if std::mem::replace(&mut seen[at], true) {
            let rule = "each position once";
            return Err(Refusal::Interactive(Fault::PosDuplicate, of(&action, "pos", rule)));
        }
        button(&action, buttons[at], surface)?;
    }
    Ok(())
}

/// The index of the button that `pos` (a number or its text) names.
fn position(action: &Node<'_>, buttons: usize) -> Checked<usize> {
    let given = action.get("pos").filter(|pos| pos.value().as_str() != Some(""));
    let (rule, allowed) = if buttons == 2 { ("1 or 2", "1,2") } else { ("1", "1") };
    let Some(pos) = given else {
        return Err(Refusal::Interactive(Fault::PosMissing, of(action, "pos", rule)));
    };
    match pos.as_text().as_deref() {
        Some("1") => Ok(0),
        Some("2") if buttons == 2 => Ok(1),
        _ => Err(Refusal::Interactive(Fault::PosInvalid(allowed), pos.field(rule))),
    }
}

fn button(action: &Node<'_>, identifier: &'static str, surface: Surface) -> Checked {
    let rule = || format!("{identifier}, or left out");
    let named = action.get("identifier").filter(|named| named.value().as_str() != Some(""));
    let elsewhere = named.filter(|named| named.value().as_str() != Some(identifier));
    if let Some(known) = &elsewhere
        && known.value().as_str().is_some_and(|known| surface.knows(known))
    {
        return Err(Refusal::Interactive(Fault::IdentifierNotAtPos, known.field(rule())));
    }
    let given = action.get("action").filter(|given| given.value().as_str() != Some(""));
    let name = given.as_ref().map(|given| {
        let name = given.value().as_str().and_then(|name| surface.action(name));
        name.ok_or_else(|| {
            let rule = format!("one of {}", surface.actions().join(", "));
            Refusal::Interactive(Fault::ActionInvalid, given.field(rule))
        })
    });
    let name = name.transpose()?;
    if let Some(unknown) = elsewhere {
        return Err(Refusal::Interactive(Fault::IdentifierInvalid, unknown.field(rule())));
    }
    let Some(name) = name else { return Ok(()) };
    let allowed = surface.allowed(identifier);
    if !allowed.contains(&name) {
        let fault = Fault::ActionNotForIdentifier(identifier);
        let rule = format!("one of {}", allowed.join(", "));
        return Err(Refusal::Interactive(fault, of(action, "action", rule)));
    }
    action::value(action, name)
}

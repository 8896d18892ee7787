//! Templates of Messenger (spec 3.9): generic, button, receipt.

use crate::rules::node::{Checked, Items, Node};

const ELEMENTS_MAX: usize = 10;
const TITLE_CHARS_MAX: usize = 80;
const BUTTONS_MAX: usize = 3;
/// Most lines and adjustments of a receipt; the provider's own limit, for the contract names none.
const RECEIPT_LINES_MAX: usize = 100;

/// Checks `attachment.payload` of type `template`.
pub(super) fn check(payload: &Node<'_>) -> Checked {
    match payload.needed_one_of("template_type", &["generic", "button", "receipt"])? {
        "generic" => generic(payload),
        "button" => {
            payload.needed_text("text")?;
            buttons(needed_items(payload, "buttons", BUTTONS_MAX)?)
        }
        _ => receipt(payload),
    }
}

fn needed_items<'v>(place: &Node<'v>, name: &'static str, most: usize) -> Checked<Items<'v>> {
    match place.items(name)?.filter(|items| items.len() > 0) {
        Some(items) => items.at_most(most),
        None => Err(place.absent(name, format!("1 to {most} of them"))),
    }
}

fn generic(payload: &Node<'_>) -> Checked {
    for element in needed_items(payload, "elements", ELEMENTS_MAX)?.objects() {
        let element = element?;
        element.needed_text("title")?;
        element.short_text("title", TITLE_CHARS_MAX)?;
        element.short_text("subtitle", TITLE_CHARS_MAX)?;
        element.urls(&["item_url", "image_url"])?;
        if let Some(given) = element.items("buttons")? {
            buttons(given.at_most(BUTTONS_MAX)?)?;
        }
    }
    Ok(())
}

fn buttons(given: Items<'_>) -> Checked {
    for button in given.objects() {
        let button = button?;
        let kind = button.needed_one_of("type", &["web_url", "postback"])?;
        button.needed_text("title")?;
        match kind {
            "web_url" => button.needed_url("url")?,
            _ => drop(button.needed_text("payload")?),
        }
    }
    Ok(())
}

fn receipt(payload: &Node<'_>) -> Checked {
    for name in ["recipient_name", "order_number", "currency", "payment_method"] {
        payload.needed_text(name)?;
    }
    payload.texts(&["timestamp"])?;
    payload.urls(&["order_url"])?;
    for line in needed_items(payload, "elements", RECEIPT_LINES_MAX)?.objects() {
        let line = line?;
        line.needed_text("title")?;
        line.texts(&["subtitle", "currency"])?;
        line.numbers(&["quantity", "price"])?;
        line.urls(&["image_url"])?;
    }
    if let Some(address) = payload.object("address")? {
        address.texts(&["street_1", "street_2", "city", "postal_code", "state", "country"])?;
    }
    let Some(summary) = payload.object("summary")? else {
        return Err(payload.absent("summary", "mandatory"));
    };
    if summary.number("total_cost")?.is_none() {
        return Err(summary.absent("total_cost", "mandatory"));
    }
    summary.numbers(&["subtotal", "shipping_cost", "total_tax"])?;
    let Some(adjustments) = payload.items("adjustments")? else { return Ok(()) };
    for adjustment in adjustments.at_most(RECEIPT_LINES_MAX)?.objects() {
        let adjustment = adjustment?;
        adjustment.texts(&["name"])?;
        adjustment.numbers(&["amount"])?;
    }
    Ok(())
}

//! What the Send API wants of an attachment (spec 3.9).

use serde_json::Value;

use super::message::{Fault, bounded, one_of, param, text};

const ELEMENTS_MAX: usize = 10;
const BUTTONS_MAX: usize = 3;
const TITLE_CHARS_MAX: usize = 80;
const BUTTON_TITLE_CHARS_MAX: usize = 20;
const BUTTON_TEXT_CHARS_MAX: usize = 640;
const ANY_CHARS_MAX: usize = 2_000;
/// The members of a generic element; another is an error, also those of earlier versions.
const ELEMENT: [&str; 5] = ["title", "subtitle", "image_url", "default_action", "buttons"];

pub(super) fn check(attachment: &Value) -> Result<(), Fault> {
    let kinds = ["image", "audio", "video", "file", "template"];
    one_of("attachment[type]", attachment.get("type"), &kinds)?;
    let payload = attachment.get("payload").ok_or_else(|| param("param attachment[payload] is required"))?;
    if text(attachment.get("type")) != Some("template") {
        return match (text(payload.get("attachment_id")), text(payload.get("url"))) {
            (Some(_), _) => Ok(()),
            (None, Some(url)) if is_web(url) => Ok(()),
            _ => Err((100, Some(2_018_008), "Failed to fetch the file from the url".to_owned())),
        };
    }
    one_of("template_type", payload.get("template_type"), &["generic", "button", "receipt"])?;
    match text(payload.get("template_type")) {
        Some("generic") => generic(payload),
        Some("button") => button(payload),
        _ => receipt(payload),
    }
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

fn list<'a>(payload: &'a Value, name: &str, max: usize) -> Result<&'a [Value], Fault> {
    match payload.get(name).and_then(Value::as_array) {
        Some(list) if !list.is_empty() && list.len() <= max => Ok(list),
        Some(list) if list.is_empty() => Err((194, None, format!("param {name} has too few elements"))),
        Some(_) => Err((105, None, format!("param {name} has too many elements"))),
        None => Err(param(format!("param {name} is required"))),
    }
}

fn generic(payload: &Value) -> Result<(), Fault> {
    for element in list(payload, "elements", ELEMENTS_MAX)? {
        let members = element.as_object().ok_or_else(|| param("an element must be an object"))?;
        if let Some(other) = members.keys().find(|name| !ELEMENT.contains(&name.as_str())) {
            return Err(param(format!("Invalid keys \"{other}\" were found in param elements")));
        }
        bounded("elements[title]", element.get("title"), TITLE_CHARS_MAX)?;
        if element.get("subtitle").is_some() {
            bounded("elements[subtitle]", element.get("subtitle"), TITLE_CHARS_MAX)?;
        }
        if element.get("buttons").is_some() {
            list(element, "buttons", BUTTONS_MAX)?.iter().try_for_each(check_button)?;
        }
    }
    Ok(())
}

fn button(payload: &Value) -> Result<(), Fault> {
    bounded("text", payload.get("text"), BUTTON_TEXT_CHARS_MAX)?;
    list(payload, "buttons", BUTTONS_MAX)?.iter().try_for_each(check_button)
}

fn check_button(button: &Value) -> Result<(), Fault> {
    one_of("buttons[type]", button.get("type"), &["web_url", "postback", "phone_number"])?;
    bounded("buttons[title]", button.get("title"), BUTTON_TITLE_CHARS_MAX)?;
    match text(button.get("type")) {
        Some("web_url") if !text(button.get("url")).is_some_and(is_web) => {
            Err(param("param buttons[url] should represent a valid URL"))
        }
        Some("postback") => bounded("buttons[payload]", button.get("payload"), 1_000),
        _ => Ok(()),
    }
}

fn receipt(payload: &Value) -> Result<(), Fault> {
    for name in ["recipient_name", "order_number", "currency", "payment_method"] {
        bounded(name, payload.get(name), ANY_CHARS_MAX)?;
    }
    for element in list(payload, "elements", 100)? {
        bounded("elements[title]", element.get("title"), ANY_CHARS_MAX)?;
    }
    let total = payload.pointer("/summary/total_cost");
    if total.is_some_and(|total| {
        total.is_number() || total.as_str().is_some_and(|text| text.parse::<f64>().is_ok())
    }) {
        return Ok(());
    }
    Err(param("param summary[total_cost] is required"))
}

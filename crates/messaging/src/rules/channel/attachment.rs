//! `message.attachment` of an in-app message (spec 3.8).

use std::collections::HashSet;

use super::rt_template;
use crate::rules::node::{Checked, Node};

const CONTENT_TYPES: [&str; 6] = ["image", "video", "audio", "file", "location", "template"];

/// Checks an attachment.
pub(super) fn check(place: &Node<'_>, identifiers: &mut HashSet<String>) -> Checked {
    let kind = place.needed_one_of("contentType", &CONTENT_TYPES)?;
    match kind {
        "location" => {
            place.needed_between("latitude", -90.0, 90.0)?;
            place.needed_between("longitude", -180.0, 180.0)
        }
        "template" => rt_template::check(place, identifiers),
        _ => media(place, kind),
    }
}

fn media(place: &Node<'_>, kind: &str) -> Checked {
    place.urls(&["file"])?;
    if place.text("file")?.is_none() && place.text("mediaid")?.is_none() {
        return Err(place.absent("file", "the link to the file, or its mediaid"));
    }
    match place.text("preview")? {
        None if kind == "video" => {
            return Err(place.absent("preview", "a JPEG in base64, mandatory for video"));
        }
        Some(text) if !is_base64(&text) => {
            let wrong = |node: Node<'_>| node.wrong("a JPEG in base64");
            return Err(place.get("preview").map_or_else(|| place.absent("preview", "base64"), wrong));
        }
        _ => {}
    }
    place.numbers(&["size", "duration"])
}

/// The alphabet of base64, standard or for URLs, with or without a data URL's head.
fn is_base64(text: &str) -> bool {
    let data = match text.strip_prefix("data:") {
        Some(rest) => rest.split_once(";base64,").map_or("", |(_, data)| data),
        None => text,
    };
    let digits = data.trim_end_matches('=');
    let of_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    !digits.is_empty()
        && data.len() - digits.len() <= 2
        && digits.len() % 4 != 1
        && digits.bytes().all(of_base64)
}

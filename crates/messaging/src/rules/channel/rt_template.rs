//! `message.attachment` of content type `template` (spec 3.8). The contract has the limits of the generic template and a
//! sample of an answered form; the outbound shape is ours, after that sample: `templateType`, `templateId`, `payload`.

use std::collections::HashSet;

use super::quick_replies::unique;
use super::rt::part;
use crate::rules::node::{Checked, Items, Node};
use crate::rules::refusal::{Limit, Refusal};

const ELEMENTS_MAX: usize = 8;
const BUTTONS_MAX: usize = 3;
const IMAGES_MAX: usize = 5;
/// Where an element has its images: a text or an array of texts each.
const IMAGES: [&str; 4] = ["imageurl", "imageurls", "image_url", "image_urls"];

/// Checks a template.
pub(super) fn check(place: &Node<'_>, identifiers: &mut HashSet<String>) -> Checked {
    let kind = place.one_of("templateType", &["generic", "form"])?;
    place.texts(&["templateId"])?;
    let payload = place.object("payload")?;
    let holder = payload.as_ref().unwrap_or(place);
    if kind == Some("form") {
        part(place)?;
        let fields = holder.items("fields")?;
        let named = place.text("templateId")?.is_some() || fields.is_some_and(|fields| fields.len() > 0);
        return if named { Ok(()) } else { Err(place.absent("templateId", "the form's id, or its fields")) };
    }
    let Some(elements) = holder.items("elements")?.filter(|elements| elements.len() > 0) else {
        return Err(holder.absent("elements", format!("1 to {ELEMENTS_MAX} elements")));
    };
    few(&elements, ELEMENTS_MAX, Limit::Elements, "elements")?;
    for item in elements.objects() {
        element(&item?, identifiers)?;
    }
    part(place)
}

fn element(element: &Node<'_>, seen: &mut HashSet<String>) -> Checked {
    element.texts(&["title", "subtitle", "text"])?;
    images(element)?;
    let Some(buttons) = element.items("buttons")? else { return Ok(()) };
    few(&buttons, BUTTONS_MAX, Limit::Buttons, "buttons")?;
    for button in buttons.objects() {
        let button = button?;
        button.texts(&["type", "title", "payload"])?;
        button.urls(&["url"])?;
        unique(&button, seen)?;
    }
    Ok(())
}

fn images(element: &Node<'_>) -> Checked {
    let mut count = 0;
    for name in IMAGES {
        let Some(place) = element.get(name) else { continue };
        if !place.value().is_array() {
            element.urls(&[name])?;
            count += 1;
            continue;
        }
        let images = place.into_items()?;
        few(&images, IMAGES_MAX, Limit::ImageUrls, "image URLs")?;
        count += images.len();
        for image in images.iter() {
            let good = image.value().as_str().is_some_and(crate::rules::node::is_web_url);
            if !good {
                return Err(image.wrong(crate::rules::node::WEB_URL));
            }
        }
    }
    if count > IMAGES_MAX {
        let rule = format!("at most {IMAGES_MAX} image URLs");
        return Err(Refusal::Limit(Limit::ImageUrls, element.field(rule)));
    }
    Ok(())
}

fn few(items: &Items<'_>, most: usize, limit: Limit, what: &str) -> Checked {
    if items.len() <= most {
        return Ok(());
    }
    Err(Refusal::Limit(limit, items.place().field(format!("at most {most} {what}"))))
}

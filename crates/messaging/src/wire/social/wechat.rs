//! The webhook of WeChat: what users send to an official account, as XML of one level.

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::json;

use super::{Happening, Said, SaidEvent, id, kept};

/// Elements that are looked at.
const ELEMENTS_MAX: usize = 200;
/// The levels that are: the root, its elements, and one below, which is passed over.
const DEPTH_MAX: usize = 8;

/// The elements below the root, by name; `None` when it is no XML. Entities of a document type are never read.
#[must_use]
pub fn elements(body: &[u8]) -> Option<HashMap<String, String>> {
    let text = std::str::from_utf8(body).ok()?;
    let mut reader = Reader::from_str(text);
    let mut path: Vec<String> = Vec::new();
    let mut found: HashMap<String, String> = HashMap::new();
    let mut rooted = false;
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                if path.len() >= DEPTH_MAX || found.len() > ELEMENTS_MAX || (rooted && path.is_empty()) {
                    return None;
                }
                rooted = true;
                path.push(std::str::from_utf8(start.name().as_ref()).ok()?.to_owned());
            }
            Event::End(_) => drop(path.pop()?),
            Event::Text(text) => note(&mut found, &path, &text.decode().ok()?),
            Event::CData(data) => note(&mut found, &path, &data.decode().ok()?),
            Event::GeneralRef(reference) => note(&mut found, &path, &entity(&reference.decode().ok()?)?),
            Event::DocType(_) => return None,
            Event::Eof => break,
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    (rooted && path.is_empty()).then_some(found)
}

fn note(found: &mut HashMap<String, String>, path: &[String], text: &str) {
    if let [_, name] = path {
        found.entry(name.clone()).or_default().push_str(text);
    }
}

/// The five entities XML has by itself, and characters by their numbers.
fn entity(name: &str) -> Option<String> {
    let known = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some(known.to_string())
}

/// What a message means; `None` when it lacks what every message has. Events that mean nothing here give nothing.
#[must_use]
pub fn read(elements: &HashMap<String, String>) -> Option<Vec<Happening>> {
    let element = |name: &str| elements.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let user = id(element("FromUserName")?)?;
    let (kind, time) = (element("MsgType")?, element("CreateTime")?);
    let made = |event: &str| format!("{event} {user} {time} {}", element("EventKey").unwrap_or_default());
    let said = |event, text: &str, attachments, postback, provider_ref: String| {
        let said = Said { user: user.clone(), event, text: kept(text), attachments, postback, provider_ref };
        Some(vec![Happening::Said(said)])
    };
    if kind == "event" {
        return match element("Event")?.to_ascii_uppercase().as_str() {
            "CLICK" => {
                let key = element("EventKey").map(kept);
                said(SaidEvent::OnPostback, "", None, key, id(&made("click"))?)
            }
            _ => Some(Vec::new()),
        };
    }
    let provider_ref = element("MsgId").and_then(id)?;
    match kind {
        "text" => {
            // The answer to a menu of the account carries the number of the choice.
            let choice = element("bizmsgmenuid").map(kept);
            said(SaidEvent::Mo, element("Content").unwrap_or_default(), None, choice, provider_ref)
        }
        "image" | "voice" | "video" | "shortvideo" | "location" | "link" => {
            let of_kind = [
                "PicUrl",
                "MediaId",
                "Format",
                "Recognition",
                "ThumbMediaId",
                "Location_X",
                "Location_Y",
                "Scale",
                "Label",
                "Title",
                "Description",
                "Url",
            ];
            let payload: serde_json::Map<String, serde_json::Value> = of_kind
                .into_iter()
                .filter_map(|name| Some((name.to_owned(), json!(element(name)?))))
                .collect();
            let attachments = Some(json!([{ "type": kind, "payload": payload }]).to_string());
            said(SaidEvent::Mo, element("Recognition").unwrap_or_default(), attachments, None, provider_ref)
        }
        _ => Some(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(rest: &str) -> Option<Vec<Happening>> {
        let body = format!(
            "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[o1]]></FromUserName>\
             <CreateTime>1700000000</CreateTime>{rest}</xml>"
        );
        read(&elements(body.as_bytes())?)
    }

    fn said(event: SaidEvent, text: &str, provider_ref: &str) -> Said {
        Said {
            user: "o1".into(),
            event,
            text: text.into(),
            attachments: None,
            postback: None,
            provider_ref: provider_ref.into(),
        }
    }

    #[test]
    fn text_media_and_menus_are_what_they_mean() {
        let one = |said| Some(vec![Happening::Said(said)]);
        assert_eq!(
            message("<MsgType>text</MsgType><Content><![CDATA[<你好> & co]]></Content><MsgId>7</MsgId>"),
            one(said(SaidEvent::Mo, "<你好> & co", "7"))
        );
        assert_eq!(
            message("<MsgType>text</MsgType><Content>a &amp; b&#33;</Content><MsgId>7</MsgId>"),
            one(said(SaidEvent::Mo, "a & b!", "7"))
        );
        let picture = Said {
            attachments: Some(r#"[{"payload":{"MediaId":"m","PicUrl":"u"},"type":"image"}]"#.into()),
            ..said(SaidEvent::Mo, "", "8")
        };
        assert_eq!(
            message("<MsgType>image</MsgType><PicUrl>u</PicUrl><MediaId>m</MediaId><MsgId>8</MsgId>"),
            one(picture)
        );
        let click =
            Said { postback: Some("K".into()), ..said(SaidEvent::OnPostback, "", "click o1 1700000000 K") };
        assert_eq!(message("<MsgType>event</MsgType><Event>CLICK</Event><EventKey>K</EventKey>"), one(click));
    }

    #[test]
    fn other_events_give_nothing_and_a_message_without_its_parts_is_none() {
        assert_eq!(message("<MsgType>event</MsgType><Event>subscribe</Event>"), Some(vec![]));
        assert_eq!(message("<MsgType>novel</MsgType><MsgId>1</MsgId>"), Some(vec![]));
        assert_eq!(message("<MsgType>text</MsgType><Content>x</Content>"), None);
        assert_eq!(message("<Content>x</Content>"), None);
    }

    #[test]
    fn what_is_no_xml_or_wants_to_explode_is_none() {
        let deep = format!("<xml>{}{}</xml>", "<a>".repeat(20), "</a>".repeat(20));
        let bomb = r#"<!DOCTYPE xml [<!ENTITY a "aaaa">]><xml><a>&a;</a></xml>"#;
        for body in ["", "x", "<xml>", "<xml><a></xml>", "<xml>&nbsp;</xml>", "<a/><b/>", bomb, &deep] {
            assert_eq!(elements(body.as_bytes()), None, "{body}");
        }
        assert_eq!(elements(b"\xff"), None);
    }
}

//! How each server is asked to send, and how its yes is recognised.

use std::io::Write as _;
use std::net::SocketAddr;

use crate::board::destination_of;
use crate::devices::user;
use crate::wire::{between, find};

/// One part of GSM 03.38, as long as most real reminders are.
const TEXT: &str = "Your appointment with the service desk is on Tuesday at 10:30. Reply STOP to end these messages, or \
                    call us to change it. Reference";
const SENDER: &str = "Waypost";

/// A server's way of being asked.
#[derive(Debug, Clone)]
pub enum Target {
    /// `POST /resources/v1/messaging`, one destination a request.
    Messaging {
        /// The server.
        addr: SocketAddr,
        /// Service key.
        key: String,
        /// `notifyurl` of each message.
        notify_url: String,
    },
    /// The same with many destination values in one destination object.
    Batch {
        /// The server.
        addr: SocketAddr,
        /// Service key.
        key: String,
        /// `notifyurl` of each message.
        notify_url: String,
        /// Destinations a request, at most 1,000.
        size: u32,
    },
    /// The same with in-app messages; a message's number is its text.
    Chat {
        /// The server.
        addr: SocketAddr,
        /// Service key.
        key: String,
        /// `notifyurl` of each message.
        notify_url: String,
        /// Users there are.
        users: u32,
    },
    /// Kannel's `GET /cgi-bin/sendsms` with a `dlr-url`.
    Kannel {
        /// The smsbox.
        addr: SocketAddr,
        /// Where the sink is.
        sink: SocketAddr,
    },
}

impl Target {
    /// Where to connect.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        match self {
            Self::Messaging { addr, .. }
            | Self::Batch { addr, .. }
            | Self::Chat { addr, .. }
            | Self::Kannel { addr, .. } => *addr,
        }
    }

    /// Messages carried by one request.
    #[must_use]
    pub fn size(&self) -> u32 {
        if let Self::Batch { size, .. } = self { *size } else { 1 }
    }

    /// The same server asked in batches of `size`; `None` for one that has no batches.
    #[must_use]
    pub fn batched(&self, size: u32) -> Option<Self> {
        let Self::Messaging { addr, key, notify_url } = self else { return None };
        Some(Self::Batch { addr: *addr, key: key.clone(), notify_url: notify_url.clone(), size })
    }

    /// Writes the request for the messages from `first` on.
    #[must_use]
    pub fn request(&self, first: u32) -> Vec<u8> {
        match self {
            Self::Messaging { addr, key, notify_url } | Self::Batch { addr, key, notify_url, .. } => {
                let body = body(first, self.size(), notify_url);
                post(*addr, key, &body)
            }
            Self::Chat { addr, key, notify_url, users } => {
                post(*addr, key, &chat(first, &user(first % users), notify_url))
            }
            Self::Kannel { addr, sink } => get(*addr, *sink, first),
        }
    }

    /// Whether an answer says that every message of the request was accepted.
    #[must_use]
    pub fn is_accepted(&self, status: u16, body: &[u8]) -> bool {
        match self {
            Self::Kannel { .. } => status == 202,
            _ => status == 200 && find(body, b"\"1001\"").is_some() && find(body, b"\"code\":\"7").is_none(),
        }
    }

    /// The transaction id in an accepted answer, where the server has one.
    #[must_use]
    pub fn transaction(&self, body: &[u8]) -> Option<String> {
        let id = between(body, b"\"transid\":\"", b'"')?;
        String::from_utf8(id.to_vec()).ok()
    }
}

fn body(first: u32, size: u32, notify_url: &str) -> String {
    let destinations: Vec<String> =
        (first..first + size).map(|number| format!("\"{}\"", destination_of(number))).collect();
    format!(
        concat!(
            r#"{{"deliverychannel":"sms","channels":{{"sms":{{"text":"{text} {first:08}","type":"1","#,
            r#""senderid":"{sender}"}}}},"destination":[{{"msisdn":[{destinations}],"#,
            r#""correlationid":"bench-{first:08}"}}],"notifyurl":"{notify_url}","#,
            r#""callbackData":"campaign=appointments;branch=0042;template=reminder-3;operator=desk-7;locale=en-GB;"#,
            r#"case=2026-11-000417;unit=public-desk;origin=batch-import;retention=standard","#,
            r#""expiry":"2099-12-31T23:59:59.000Z","priority":"2"}}"#,
        ),
        text = TEXT,
        first = first,
        sender = SENDER,
        destinations = destinations.join(","),
        notify_url = notify_url,
    )
}

fn chat(number: u32, user: &str, notify_url: &str) -> String {
    format!(
        concat!(
            r#"{{"deliverychannel":"rt","channels":{{"appmessaging":{{"thread_id":"t1","message":{{"text":"{text}","#,
            r#""extras":{{"table":"12","branch":"0042"}}}}}}}},"destination":[{{"userid":["{user}"],"#,
            r#""correlationid":"bench-{number:08}"}}],"notifyurl":"{notify_url}"}}"#,
        ),
        text = destination_of(number),
        user = user,
        number = number,
        notify_url = notify_url,
    )
}

fn post(addr: SocketAddr, key: &str, body: &str) -> Vec<u8> {
    format!(
        "POST /resources/v1/messaging HTTP/1.1\r\nHost: {addr}\r\nkey: {key}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn get(addr: SocketAddr, sink: SocketAddr, number: u32) -> Vec<u8> {
    let (to, text) = (destination_of(number), TEXT.replace(' ', "+").replace(',', "%2C").replace(':', "%3A"));
    // 8 taken and 16 refused by the SMSC, 1 delivered, 2 not delivered: the two call-backs that Waypost makes, too.
    let callback = format!("http%3A%2F%2F{sink}%2Fdlr%3Fto%3D{to}%26state%3D%25d");
    let mut out = Vec::with_capacity(640);
    let _ = write!(
        out,
        "GET /cgi-bin/sendsms?username=bench&password=bench&from={SENDER}&to={to}&text={text}+{number:08}\
         &dlr-mask=27&dlr-url={callback} HTTP/1.1\r\nHost: {addr}\r\n\r\n"
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messaging() -> Target {
        let addr = SocketAddr::from(([127, 0, 0, 1], 8_080));
        Target::Messaging { addr, key: "k".to_owned(), notify_url: "http://127.0.0.1:9/dlr".to_owned() }
    }

    #[test]
    fn a_message_is_600_bytes_of_json_and_one_part_of_text() {
        let body = body(7, 1, "http://127.0.0.1:40000/dlr");
        let json: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(json["destination"][0]["msisdn"][0], "447700000007");
        assert!((540..=640).contains(&body.len()), "{} bytes", body.len());
        let text = json["channels"]["sms"]["text"].as_str().unwrap();
        assert!(text.len() <= 160, "{} characters", text.len());
    }

    #[test]
    fn a_batch_holds_each_number_once() {
        let json: serde_json::Value = serde_json::from_str(&body(10, 3, "u")).unwrap();
        assert_eq!(
            json["destination"][0]["msisdn"],
            serde_json::json!(["447700000010", "447700000011", "447700000012"])
        );
    }

    #[test]
    fn only_a_yes_to_everything_is_accepted() {
        let yes = br#"{"response":[{"code":"1001","description":"Queued","transid":"t-1"}]}"#;
        let mixed = br#"{"response":[{"code":"1001","transid":"a"},{"code":"7004","transid":"b"}]}"#;
        let target = messaging();
        assert_eq!(target.transaction(yes).as_deref(), Some("t-1"));
        let told =
            [target.is_accepted(200, yes), target.is_accepted(503, yes), target.is_accepted(200, mixed)];
        assert_eq!(told, [true, false, false]);
    }
}

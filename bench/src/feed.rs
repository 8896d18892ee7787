//! The far side that feeds a hub: it pushes hotels and changes to the hub's own receiver, and asks receivers what they hold.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;

use crate::hotels::{Hotels, Kind, room};
use crate::wire::Wire;

/// `bench` and the password of `Installation::feeder`, as RFC 7617 has it.
const AUTHORIZATION: &str = "Basic YmVuY2g6YmVuY2gtYmVuY2gtYmVuY2gtYmVuY2g=";
const ANSWER_LIMIT: Duration = Duration::from_secs(20);

/// A connection to a receiver of the Content API, opened again when it breaks.
#[derive(Debug)]
pub struct Feed {
    addr: SocketAddr,
    wire: Option<Wire>,
}

/// A push.
#[derive(Debug, Clone)]
pub struct Push {
    /// `PUT` or `POST`.
    pub method: &'static str,
    /// What stands after `/content`.
    pub path: String,
    /// The message.
    pub body: String,
}

impl Push {
    /// The property itself, as new.
    #[must_use]
    pub fn hotel(hotels: Hotels, property: u32) -> Self {
        let lines = hotels.lines(property);
        let first = lines.lines().next().unwrap_or_default();
        let body = format!("{{\"messageId\":\"hotel-{property}\",\"updateType\":\"NEW\",{}", &first[1..]);
        Self { method: "POST", path: "/hotel".to_owned(), body }
    }

    /// All room types of a property, as new.
    #[must_use]
    pub fn rooms(hotels: Hotels, property: u32) -> Self {
        let rooms: Vec<String> = hotels.places(Kind::Room).map(|place| room(place, "new")).collect();
        let code = crate::hotels::property_code(property);
        let body = format!(
            r#"{{"messageId":"rooms-{property}","updateType":"NEW","propertyCode":"{code}","rooms":[{}]}}"#,
            rooms.join(",")
        );
        Self { method: "POST", path: "/roomtypes".to_owned(), body }
    }

    /// A numbered change of one room type.
    #[must_use]
    pub fn change(property: u32, place: u32, number: u64) -> Self {
        let (code, room) = (crate::hotels::property_code(property), room(place, &change_name(number)));
        let body = format!(
            r#"{{"messageId":"change-{number}","updateType":"UPDATE","propertyCode":"{code}","room":{room}}}"#
        );
        Self { method: "PUT", path: format!("/roomtype/Q{place:04}"), body }
    }
}

/// The name a room type has after a change.
#[must_use]
pub fn change_name(number: u64) -> String {
    format!("change {number}")
}

impl Feed {
    /// Connects at the first push.
    #[must_use]
    pub fn new(addr: SocketAddr) -> Self {
        Self { addr, wire: None }
    }

    /// Pushes once; returns the answer's status and body.
    ///
    /// # Errors
    /// When there is no answer: whether it was taken is not known.
    pub async fn push(&mut self, push: &Push) -> io::Result<(u16, Vec<u8>)> {
        let answer = tokio::time::timeout(ANSWER_LIMIT, self.exchange(push)).await;
        let answer = answer.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        if answer.is_err() {
            self.wire = None;
        }
        answer
    }

    async fn exchange(&mut self, push: &Push) -> io::Result<(u16, Vec<u8>)> {
        let mut wire = match self.wire.take() {
            Some(wire) => wire,
            None => Wire::new(TcpStream::connect(self.addr).await?)?,
        };
        let Push { method, path, body } = push;
        let head = format!(
            "{method} /content{path} HTTP/1.1\r\nHost: bench\r\nAuthorization: {AUTHORIZATION}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        wire.send(&[head.as_bytes(), body.as_bytes()].concat()).await?;
        let frame = wire.read().await?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let answer = (wire.status(&frame), wire.body(&frame).to_vec());
        self.wire = Some(wire);
        Ok(answer)
    }

    /// Pushes until it is acknowledged, the same message under the same id; returns how often it had to be said again.
    ///
    /// # Errors
    /// When it is refused, or not answered in so many tries.
    pub async fn until_acknowledged(&mut self, push: &Push, tries: u32) -> anyhow::Result<u32> {
        for said in 0..tries {
            match self.push(push).await {
                Ok((200, body)) if is_success(&body) => return Ok(said),
                Ok((status, body)) if status < 500 => {
                    anyhow::bail!("{} is refused: {status} {}", push.path, String::from_utf8_lossy(&body))
                }
                Ok(_) | Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
        anyhow::bail!("{} is not acknowledged", push.path)
    }

    /// The names of a property's room types as the receiver gives them back, by their number.
    ///
    /// # Errors
    /// When it does not answer or gives back something else.
    pub async fn room_names(&mut self, property: u32) -> anyhow::Result<Vec<(u32, String)>> {
        let code = crate::hotels::property_code(property);
        let body = format!(r#"{{"messageId":"audit-{property}","propertyCode":"{code}","roomCodes":null}}"#);
        let ask = Push { method: "POST", path: "/roomtype-audit".to_owned(), body };
        let (_, body) = self.push(&ask).await?;
        let answer: serde_json::Value = serde_json::from_slice(&body)?;
        let rooms = answer["rooms"].as_array().into_iter().flatten();
        let named = rooms.filter_map(|room| {
            let number = room["code"].as_str()?.strip_prefix('Q')?.parse().ok()?;
            Some((number, room["name"].as_str()?.to_owned()))
        });
        Ok(named.collect())
    }
}

fn is_success(body: &[u8]) -> bool {
    crate::wire::find(body, b"\"success\":true").is_some()
}

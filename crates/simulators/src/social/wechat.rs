//! An official account of WeChat as its owner's server sees it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use waypost_channels::wechat::meanings;
use waypost_core::time::{Clock, Micros};

use super::call::{Call, Reply};
use super::forced::{Wish, wish};
use super::form;
use super::hooks::Hook;
use super::message::text;
use super::server::{Provider, lock};
use super::wechat_crypto::{encrypt, signature};

/// An official account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WechatAccount {
    /// Names the account in the API.
    pub app_id: String,
    /// Its secret.
    pub app_secret: String,
    /// Signs its webhooks.
    pub token: String,
    /// Encrypts them; 43 characters.
    pub encoding_aes_key: String,
    /// The account's own id in messages.
    pub original_id: String,
    /// Life of an access token, in seconds.
    pub token_secs: i64,
}

impl Default for WechatAccount {
    fn default() -> Self {
        Self {
            app_id: "wxsimulated0000001".to_owned(),
            app_secret: "abcdef0123456789abcdef0123456789".to_owned(),
            token: "simulatedtoken".to_owned(),
            encoding_aes_key: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG".to_owned(),
            original_id: "gh_simulated0001".to_owned(),
            token_secs: 7_200,
        }
    }
}

/// The access token that is in force.
#[derive(Debug, Clone, Default)]
pub(super) struct Issued {
    token: String,
    until: Micros,
    revoked: bool,
    /// Tokens given out so far.
    pub count: u64,
}

pub(super) struct WechatSim {
    pub account: WechatAccount,
    pub clock: Arc<dyn Clock>,
    pub run: u64,
    pub next: AtomicU64,
    pub issued: Mutex<Issued>,
    /// Kinds of the media that were uploaded.
    pub media: Mutex<HashMap<String, String>>,
}

const TEXT_BYTES_MAX: usize = 2_048;

type Fault = i64;

impl Provider for WechatSim {
    fn answer(&self, call: &Call) -> Reply {
        let done = match (call.method.as_str(), call.path()) {
            ("POST", "/cgi-bin/stable_token") => self.token(&call.json()),
            ("POST", "/cgi-bin/message/custom/send") => {
                self.check_token(call).and_then(|()| self.send(&call.json()))
            }
            ("POST", "/cgi-bin/media/upload") => self.check_token(call).and_then(|()| self.upload(call)),
            ("GET", _) => Err(43_002),
            _ => return Reply::status(404, Value::Null),
        };
        done.unwrap_or_else(error)
    }
}

impl WechatSim {
    fn token(&self, body: &Value) -> Result<Reply, Fault> {
        let given = |name: &str| text(body.get(name)).unwrap_or_default();
        if given("grant_type") != "client_credential" {
            return Err(40_002);
        }
        if given("appid") != self.account.app_id {
            return Err(if given("appid").is_empty() { 41_002 } else { 40_013 });
        }
        if given("secret") != self.account.app_secret {
            return Err(if given("secret").is_empty() { 41_004 } else { 40_125 });
        }
        let now = self.clock.now();
        let is_forced = body.get("force_refresh").and_then(Value::as_bool).unwrap_or(false);
        let mut issued = lock(&self.issued);
        // What was revoked elsewhere is given out again until a refresh is forced: the real one does not know better.
        if is_forced || issued.token.is_empty() || now >= issued.until {
            issued.count += 1;
            issued.token = format!("T{:x}_{}", self.run, issued.count);
            issued.until = now.add_ms(self.account.token_secs * 1_000);
            issued.revoked = false;
        }
        let left = (issued.until.0 - now.0) / 1_000_000;
        Ok(Reply::ok(json!({ "access_token": issued.token, "expires_in": left })))
    }

    fn check_token(&self, call: &Call) -> Result<(), Fault> {
        let given = call.query("access_token").ok_or(41_001)?;
        let issued = lock(&self.issued);
        if given != issued.token || issued.revoked {
            return Err(40_001);
        }
        if self.clock.now() >= issued.until { Err(42_001) } else { Ok(()) }
    }

    /// Makes the token in force invalid, as another fetch elsewhere would.
    pub fn revoke(&self) {
        lock(&self.issued).revoked = true;
    }

    /// How many tokens were given out.
    pub fn tokens(&self) -> u64 {
        lock(&self.issued).count
    }

    fn send(&self, body: &Value) -> Result<Reply, Fault> {
        let open_id = text(body.get("touser")).filter(|id| !id.is_empty()).ok_or(41_009)?;
        let kind = text(body.get("msgtype")).ok_or(40_008)?;
        let content = body.get(kind).ok_or(40_008)?;
        match kind {
            "text" => match text(content.get("content")) {
                None | Some("") => return Err(44_004),
                Some(words) if words.len() > TEXT_BYTES_MAX => return Err(45_002),
                Some(_) => {}
            },
            "image" | "voice" | "video" => {
                let id = text(content.get("media_id")).ok_or(41_006)?;
                if lock(&self.media).get(id).is_none_or(|own| own != kind) {
                    return Err(40_007);
                }
            }
            _ => return Err(40_008),
        }
        if let Wish::Error(row) = wish(meanings(), open_id) {
            return Err(row.code);
        }
        let taken = Some(self.next.fetch_add(1, Ordering::Relaxed).to_string());
        Ok(Reply { taken, ..Reply::ok(json!({ "errcode": 0, "errmsg": "ok" })) })
    }

    fn upload(&self, call: &Call) -> Result<Reply, Fault> {
        let kind = call.query("type").unwrap_or_default();
        let content_type = call.header("content-type").unwrap_or_default();
        let fields = form::fields(content_type, &call.body).unwrap_or_default();
        let media = fields.iter().find(|field| field.name == "media" && field.file_name.is_some());
        let media = media.ok_or(41_005)?;
        let (magic, at, max, of_size): (&[u8], usize, usize, Fault) = match kind.as_str() {
            "image" => (b"\xff\xd8\xff", 0, 128 << 10, 40_009),
            "voice" => (b"#!AMR", 0, 256 << 10, 40_010),
            "video" => (b"ftyp", 4, 1 << 20, 40_011),
            "thumb" => (b"\xff\xd8\xff", 0, 64 << 10, 40_012),
            _ => return Err(40_004),
        };
        if media.bytes.is_empty() {
            return Err(44_001);
        }
        if !media.bytes.get(at..).is_some_and(|bytes| bytes.starts_with(magic)) {
            return Err(40_005);
        }
        if media.bytes.len() > max {
            return Err(of_size);
        }
        let id = format!("M{:x}-{}", self.run, self.next.fetch_add(1, Ordering::Relaxed));
        lock(&self.media).insert(id.clone(), kind.clone());
        let name = if kind == "thumb" { "thumb_media_id" } else { "media_id" };
        Ok(Reply::ok(json!({ "type": kind, name: id, "created_at": self.clock.now().as_secs() })))
    }

    /// A text of a user to the account.
    pub fn inbound(&self, id: &str, open_id: &str, words: &str, at: Micros) -> Hook {
        let rest = format!(
            "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{words}]]></Content><MsgId>{id}</MsgId>"
        );
        self.hook(open_id, &rest, at, false)
    }

    /// Anything a user sends; `rest` is what follows the time in the XML.
    pub fn hook(&self, open_id: &str, rest: &str, at: Micros, encrypted: bool) -> Hook {
        let (token, secs) = (&self.account.token, at.as_secs().to_string());
        let nonce = format!("{}", self.next.fetch_add(1, Ordering::Relaxed));
        let xml = format!(
            "<xml><ToUserName><![CDATA[{}]]></ToUserName><FromUserName><![CDATA[{open_id}]]></FromUserName>\
             <CreateTime>{secs}</CreateTime>{rest}</xml>",
            self.account.original_id
        );
        let mut query = vec![
            ("signature".to_owned(), signature(&[token, &secs, &nonce])),
            ("timestamp".to_owned(), secs.clone()),
            ("nonce".to_owned(), nonce.clone()),
            ("openid".to_owned(), open_id.to_owned()),
        ];
        let headers = vec![("content-type".to_owned(), "text/xml".to_owned())];
        if !encrypted {
            return Hook { query, headers, body: xml.into_bytes() };
        }
        let sealed = encrypt(&self.account.encoding_aes_key, &self.account.app_id, &xml).unwrap_or_default();
        query.push(("encrypt_type".to_owned(), "aes".to_owned()));
        query.push(("msg_signature".to_owned(), signature(&[token, &secs, &nonce, &sealed])));
        let body = format!(
            "<xml><ToUserName><![CDATA[{}]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>",
            self.account.original_id
        );
        Hook { query, headers, body: body.into_bytes() }
    }
}

fn error(code: Fault) -> Reply {
    let row = meanings().rows().error.iter().find(|row| row.code == code);
    let words = row.map_or("unknown error", |row| row.name.as_str());
    Reply::ok(json!({ "errcode": code, "errmsg": format!("{words} rid: simulated") }))
}

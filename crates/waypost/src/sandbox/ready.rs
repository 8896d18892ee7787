//! What a started sandbox tells whoever waits for it.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Serialize;

use super::apps::AppIds;
use super::post::ReadyMail;
use super::services::ReadyServices;

/// Where everything of a sandbox is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ready {
    /// Base URL of the server, without a slash at its end.
    pub http: String,
    /// Slug of the tenant.
    pub tenant: String,
    /// Service key: Messaging, Transaction Status.
    pub service_key: String,
    /// Profile key.
    pub profile_key: String,
    /// The tenant's registered sender.
    pub sender: String,
    /// Address of the simulated SMSC.
    pub smpp: SocketAddr,
    /// Where call-backs go; the recent ones are shown at `received` under it.
    pub callback_url: String,
    /// In-app messaging.
    pub chat: ReadyChat,
    /// Metadata Push and Audit.
    pub content: ReadyContent,
    /// Where letters end.
    pub mail: ReadyMail,
    /// The folder of the store.
    pub data_dir: PathBuf,
    /// A customer with an address on every channel.
    pub customer_id: &'static str,
    /// An event with one mandatory parameter, `name`: its `evtid`.
    pub event_id: String,
    /// An SMS template with one parameter, `name`.
    pub template_id: &'static str,
    /// A call flow that plays a tone.
    pub callflow_id: &'static str,
    /// The app assets.
    pub apps: AppIds,
    /// Service key of another service of the tenant.
    pub second_service_key: String,
    /// Service key of a suspended service (7007).
    pub inactive_service_key: String,
    /// The services family.
    pub services: ReadyServices,
}

/// Where clients of the in-app messaging app connect, and by what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadyChat {
    /// A page with both ends of a conversation.
    pub url: String,
    /// The app's client key: `secretKey` of the RT API, password of the broker.
    pub client_key: String,
    /// Where the broker speaks MQTT over TCP; over WebSocket it is at `/mqtt` of the server.
    pub mqtt: Option<SocketAddr>,
}

/// Where content is pushed to and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadyContent {
    /// What stands before `/hotel` at our receiver.
    pub base_url: String,
    /// User name for it.
    pub username: String,
    /// Password for it.
    pub password: String,
    /// What stands before `/hotel` at each simulated partner.
    pub partner_urls: Vec<String>,
}

impl Ready {
    /// Writes the JSON so that a reader sees all of it or nothing.
    ///
    /// # Errors
    /// When the folder of `file` is not writable.
    pub fn write(&self, file: &Path) -> anyhow::Result<()> {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut draft = tempfile::NamedTempFile::new_in(folder)
            .with_context(|| format!("the ready file's folder {} is not writable", folder.display()))?;
        serde_json::to_writer_pretty(&mut draft, self)?;
        draft.write_all(b"\n")?;
        draft.persist(file).with_context(|| format!("writing {}", file.display()))?;
        Ok(())
    }

    /// For people: addresses, keys, and lines to paste.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { http, service_key, profile_key, sender, smpp, callback_url, event_id, .. } = self;
        let callflow_id = self.callflow_id;
        let ReadyServices {
            base_url: desk, api_key, app_jwt, service_request_id, service_id, user_id, ..
        } = &self.services;
        let ReadyContent { base_url, username, password, partner_urls } = &self.content;
        let (chat, client_key) = (&self.chat.url, &self.chat.client_key);
        let letters = self.mail.letters.display();
        let (data_dir, partners) = (self.data_dir.display(), partner_urls.join(", "));
        format!(
            r#"The sandbox is ready. Nothing here can reach a real provider.

  server        {http}
  service key   {service_key}
  profile key   {profile_key}
  client key    {client_key}
  sender        {sender}
  SMSC          {smpp} (simulated)
  call-backs    {callback_url}
  chat          {chat}
  content       {base_url}, as {username} with the password {password}
  partners      {partners} (simulated)
  letters       {letters} (a simulated mail relay puts them there)
  data          {data_dir}

Send a message:

  curl -s {http}/resources/v1/messaging -H 'key: {service_key}' -H 'content-type: application/json' \
    -d '{{"deliverychannel":"sms","channels":{{"sms":{{"text":"Hello"}}}},"destination":[{{"msisdn":["447700900001"],"correlationid":"hello-1"}}]}}'

Call somebody, over the simulated trunk (...7402 is busy, ...7410 hangs up):

  curl -s {http}/resources/v1/messaging -H 'key: {service_key}' -H 'content-type: application/json' \
    -d '{{"deliverychannel":"voice","channels":{{"voice":{{"callflowid":"{callflow_id}"}}}},"destination":[{{"msisdn":["447700900001"]}}]}}'

The last four digits of the number say how it ends: ...7201 fails with 7201. What a code means:

  waypost codes explain 7201

What became of a message (the transid is in the answer above):

  curl -s {http}/resources/v1/messaging/status/TRANSID -H 'key: {service_key}'

Push a hotel, and ask for it again (the receiver's checks: waypost content certify {base_url} --user {username}):

  curl -s -u '{username}:{password}' {base_url}/hotel-audit -H 'content-type: application/json' \
    -d '{{"messageId":"m-1","propertyCode":"LISTEST"}}'

Tell that something happened at a customer's side; the sandbox's rule then sends its template to the customer:

  curl -s {http}/resources/v1/events/externalevent -H 'key: {service_key}' -H 'content-type: application/json' \
    -d '{{"events":[{{"evtid":"{event_id}","parameters":{{"name":"Ann"}}}}]}}'

Chat with the service, or be it, in a browser: {chat}

The call-backs received so far:

  curl -s {callback_url}/received

Ask the service desk for a request:

  curl -s {desk}/api/v1/servicerequests/{service_request_id} -H 'api-key: {api_key}' -H 'app-jwt: {app_jwt}'

Invite somebody to the service; the letter with the code is a file in the folder of letters a moment later:

  curl -s -X POST '{desk}/api/v1/services/{service_id}/initiate-invite?userId={user_id}&email=ann@example.org' \
    -H 'api-key: {api_key}' -H 'app-jwt: {app_jwt}'

Ctrl-C stops it.
"#
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::apps::APPS;
    use super::*;

    fn ready() -> Ready {
        Ready {
            http: "http://127.0.0.1:8080".to_owned(),
            tenant: "sandbox".to_owned(),
            service_key: "wsk_1".to_owned(),
            profile_key: "wpk_1".to_owned(),
            sender: "SANDBOX".to_owned(),
            smpp: SocketAddr::from(([127, 0, 0, 1], 2775)),
            callback_url: "http://127.0.0.1:9000".to_owned(),
            chat: ReadyChat {
                url: "http://127.0.0.1:8080/demo/chat".to_owned(),
                client_key: "ck-1".to_owned(),
                mqtt: Some(SocketAddr::from(([127, 0, 0, 1], 1883))),
            },
            content: ReadyContent {
                base_url: "http://127.0.0.1:8080/content".to_owned(),
                username: "sandbox".to_owned(),
                password: "secret".to_owned(),
                partner_urls: vec!["http://127.0.0.1:9100".to_owned()],
            },
            mail: ReadyMail {
                relay: SocketAddr::from(([127, 0, 0, 1], 2525)),
                letters: PathBuf::from("data/letters"),
            },
            data_dir: PathBuf::from("data"),
            apps: APPS,
            customer_id: "sandbox-customer",
            event_id: "1".to_owned(),
            template_id: "sandbox-hello",
            callflow_id: "sandbox-hello",
            second_service_key: "wsk_2".to_owned(),
            inactive_service_key: "wsk_3".to_owned(),
            services: ReadyServices::default(),
        }
    }

    #[test]
    fn the_ready_file_is_whole_json_and_replaces_an_older_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ready.json");
        std::fs::write(&file, "old").unwrap();
        ready().write(&file).unwrap();
        let read: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let expected = serde_json::json!({
            "http": "http://127.0.0.1:8080", "tenant": "sandbox", "service_key": "wsk_1", "profile_key": "wpk_1",
            "sender": "SANDBOX", "smpp": "127.0.0.1:2775", "callback_url": "http://127.0.0.1:9000", "data_dir": "data",
            "mail": {"relay": "127.0.0.1:2525", "letters": "data/letters"},
            "customer_id": "sandbox-customer", "event_id": "1", "template_id": "sandbox-hello",
            "callflow_id": "sandbox-hello",
            "apps": { "push": "SA10000001", "rt": "MU10000001", "fb": "FB10000001", "twitter": "TW10000001",
                      "wechat": "WC10000001" },
            "second_service_key": "wsk_2", "inactive_service_key": "wsk_3",
            "services": { "base_url": "", "api_key": "", "app_jwt": "", "service_id": 0, "user_id": 0, "other_user_id": 0,
                          "internal_user_id": 0, "organization_id": 0, "service_request_id": 0 },
            "chat": {"url": "http://127.0.0.1:8080/demo/chat", "client_key": "ck-1", "mqtt": "127.0.0.1:1883"},
            "content": {"base_url": "http://127.0.0.1:8080/content", "username": "sandbox", "password": "secret",
                "partner_urls": ["http://127.0.0.1:9100"]},
        });
        assert_eq!(read, expected);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn the_pasted_request_is_valid_json() {
        let text = ready().text();
        let body = text.split("-d '").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["deliverychannel"], "sms");
    }
}

//! The tour of the service desk: a person's way from registration to a request that somebody else takes over, as an
//! application would walk it.

use std::net::SocketAddr;
use std::time::Instant;

use anyhow::{Context, ensure};
use http::{Method, Request};
use serde::Serialize;
use serde_json::{Value, json};
use waypost_simulators::clamd::eicar;

use super::Client;
use crate::sandbox::ReadyServices;

/// A step of the tour and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepRow {
    /// What was done.
    pub step: &'static str,
    /// HTTP status of its last answer.
    pub http: u16,
    /// `mtapistatus` of its last answer.
    pub mtapistatus: String,
    /// What the answer shows.
    pub shows: String,
    /// From its first request to its last answer.
    pub took_ms: f64,
}

/// Walks the tour on a running server.
///
/// # Errors
/// When a step is not answered as the contract says.
pub async fn service_desk(address: SocketAddr, ready: &ReadyServices) -> anyhow::Result<Vec<StepRow>> {
    let mut tour = Tour {
        client: Client::connect(address).await?,
        ready,
        rows: Vec::new(),
        began: Instant::now(),
        last: (0, String::new()),
    };
    let user = tour.register().await?;
    tour.enrol(user).await?;
    let request = tour.create(user).await?;
    tour.attach(request, user).await?;
    tour.scan(request).await?;
    tour.submit(request, user).await?;
    tour.history(request).await?;
    tour.transfer(request, user).await?;
    tour.notice().await?;
    tour.query(request).await?;
    Ok(tour.rows)
}

struct Tour<'a> {
    client: Client,
    ready: &'a ReadyServices,
    rows: Vec<StepRow>,
    began: Instant,
    last: (u16, String),
}

impl Tour<'_> {
    /// One call; its answer must have this HTTP status.
    async fn call(&mut self, method: Method, path: &str, body: Vec<u8>, http: u16) -> anyhow::Result<Value> {
        let json = body.first().is_none_or(|first| matches!(first, b'{' | b'['));
        let kind = if json { "application/json" } else { "application/octet-stream" };
        let asked = Request::builder()
            .method(method)
            .uri(path)
            .header("api-key", &self.ready.api_key)
            .header("app-jwt", &self.ready.app_jwt)
            .header("content-type", kind);
        let answer = self.client.exchange(asked, body).await?;
        let codes = answer.headers().get("mtapistatus").and_then(|codes| codes.to_str().ok());
        self.last = (answer.status().as_u16(), codes.unwrap_or_default().to_owned());
        let text = String::from_utf8_lossy(answer.body());
        ensure!(self.last.0 == http, "{path}: {} {text}", answer.status());
        if text.is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_str(&text)?) }
    }

    async fn post(&mut self, path: &str, body: Value) -> anyhow::Result<Value> {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.call(Method::POST, path, body, 200).await
    }

    fn done(&mut self, step: &'static str, shows: String) {
        let took_ms = self.began.elapsed().as_secs_f64() * 1_000.0;
        let (http, mtapistatus) = self.last.clone();
        self.rows.push(StepRow { step, http, mtapistatus, shows, took_ms });
        self.began = Instant::now();
    }

    async fn register(&mut self) -> anyhow::Result<i64> {
        let person = json!({"FirstName": "Dana", "LastName": "Demo", "Email": "dana@example.org",
            "DisplayPhoneNumber": "+16135550100"});
        let signs_in =
            json!({"Type": "GCKey", "GCKey": {"MBUN": "MBUN-DEMO", "Issuer": "https://gckey.example"}});
        let body = json!({"User": person, "AuthenticationContext": signs_in});
        let made = self.post("/api/v1/account/register", body).await?;
        let id = id(&made, "Id")?;
        self.done("register", format!("user {id}"));
        Ok(id)
    }

    async fn enrol(&mut self, user: i64) -> anyhow::Result<()> {
        let service = self.ready.service_id;
        self.post(&format!("/api/v1/services/{service}/enrolluser?userId={user}"), Value::Null).await?;
        self.done("enrol", format!("service {service}"));
        Ok(())
    }

    async fn create(&mut self, user: i64) -> anyhow::Result<i64> {
        let body = json!({"UserId": user, "ServiceId": self.ready.service_id, "RequesterId": user,
            "EnglishDisplayName": "Permit for the Dana", "FrenchDisplayName": "Permis pour la Dana",
            "PlaceOfSupply": "ON"});
        let made = self.post("/api/v2/servicerequests", body).await?;
        let id = id(&made, "ServiceRequestId")?;
        self.done("create", format!("service request {id}"));
        Ok(id)
    }

    async fn attach(&mut self, request: i64, user: i64) -> anyhow::Result<()> {
        let path = format!(
            "/api/v1/artifacts?serviceRequestId={request}&artifactType=JsonMetadata&version=1.0&userId={user}"
        );
        self.post(&path, json!({"projectName": "Dana"})).await?;
        let content = b"A plan of the Dana.".to_vec();
        let path = upload(request, "plan.txt", content.len());
        let kept = self.call(Method::POST, &path, content, 200).await?;
        self.done("attach", format!("metadata, file {}", id(&kept, "Id")?));
        Ok(())
    }

    /// What is infected does not get in.
    async fn scan(&mut self, request: i64) -> anyhow::Result<()> {
        let virus = eicar();
        let path = upload(request, "virus.txt", virus.len());
        let refused = self.call(Method::POST, &path, virus, 400).await?;
        let rule = refused["Detail"]["Rule"].as_str().unwrap_or_default().to_owned();
        ensure!(self.last.1.starts_with("621002"), "an infected file was refused with {}", self.last.1);
        self.done("scan", format!("an infected file is refused: {rule}"));
        Ok(())
    }

    async fn submit(&mut self, request: i64, user: i64) -> anyhow::Result<()> {
        let path = format!(
            "/api/v1/servicerequests/{request}/updatestatus?userId={user}&serviceRequestStatus=Submitted"
        );
        let after = self.post(&path, Value::Null).await?;
        ensure!(after["RequestStatus"] == "Submitted", "the request is {}", after["RequestStatus"]);
        self.done("submit", "Submitted".to_owned());
        Ok(())
    }

    async fn history(&mut self, request: i64) -> anyhow::Result<()> {
        let path = format!("/api/v1/servicerequests/{request}/status-history");
        let told = self.call(Method::GET, &path, Vec::new(), 200).await?;
        let entries: Vec<_> =
            told.as_array().into_iter().flatten().filter_map(|entry| entry["Status"].as_str()).collect();
        ensure!(
            entries.contains(&"InProgress") && entries.contains(&"Submitted"),
            "the history is {entries:?}"
        );
        self.done("history", entries.join(", "));
        Ok(())
    }

    async fn transfer(&mut self, request: i64, user: i64) -> anyhow::Result<()> {
        let begun = self
            .post(&format!("/api/v1/servicerequests/{request}/transfer?userId={user}"), Value::Null)
            .await?;
        let code = begun["TransferCode"].as_str().context("no transfer code")?.to_owned();
        let other = self.ready.other_user_id;
        let path = format!("/api/v1/servicerequests/transfer?code={code}&userId={other}&action=Accept");
        let after = self.post(&path, Value::Null).await?;
        ensure!(after["UserId"] == other, "the request belongs to {}", after["UserId"]);
        self.done("transfer", format!("now of user {other}"));
        Ok(())
    }

    async fn notice(&mut self) -> anyhow::Result<()> {
        let body = json!({"NoticeType": "InformationNotice", "Services": [self.ready.service_id],
            "EnglishHeaderText": "Holidays", "FrenchHeaderText": "Jours fériés",
            "EnglishBodyText": "We are closed on 1 July.", "FrenchBodyText": "Nous sommes fermés le 1er juillet.",
            "StartDate": "2020-01-01T00:00:00", "EndDate": "2100-01-01T00:00:00"});
        let made = self.post("/api/v1/notices", body).await?;
        self.done("notice", format!("notice {}", id(&made, "Id")?));
        Ok(())
    }

    async fn query(&mut self, request: i64) -> anyhow::Result<()> {
        let body = json!({"ServiceId": self.ready.service_id, "IncludeStatusHistory": true,
            "Filter": "Status='Submitted' AND PlaceOfSupply='ON' OrderBy-Date"});
        let page = self.post("/api/v1/servicerequests/query", body).await?;
        let mut found = page["ServiceRequests"].as_array().into_iter().flatten();
        let own = found.find(|own| own["Id"] == request).context("the query does not find the request")?;
        ensure!(own["UserId"] == self.ready.other_user_id && own["Metadata"][0]["Value"] == "Dana", "{own}");
        self.done("query", format!("{} found", page["Count"]));
        Ok(())
    }
}

fn upload(request: i64, name: &str, size: usize) -> String {
    format!(
        "/api/v1/file-attachments?serviceRequestId={request}&filename={name}&contentType=text%2Fplain&size={size}"
    )
}

fn id(body: &Value, name: &str) -> anyhow::Result<i64> {
    body[name].as_i64().with_context(|| format!("no {name} in {body}"))
}

//! The conversation with the receiver under test.

use super::{Call, Caller, Reply};
use crate::kind::{Kind, Op};
use crate::sample;
use crate::wire::json::{self, Json};

/// What a check says: nothing, or what is wrong.
pub type Verdict = Result<(), String>;

/// The conversation: who is asked, about which property.
pub struct Session<'a> {
    caller: &'a dyn Caller,
    run: String,
    vector: u8,
    count: u32,
}

impl<'a> Session<'a> {
    /// A conversation whose codes start with `run`.
    pub fn new(caller: &'a dyn Caller, run: &str) -> Self {
        Self { caller, run: run.to_owned(), vector: 0, count: 0 }
    }

    /// The next vector begins: it gets a property of its own.
    pub fn begin(&mut self, vector: u8) {
        self.vector = vector;
    }

    /// The property of this vector.
    pub fn property(&self) -> String {
        format!("{}-V{}", self.run, self.vector)
    }

    /// A message id nobody has used.
    pub fn id(&mut self) -> String {
        self.count += 1;
        format!("{}-{}-{}", self.run, self.vector, self.count)
    }

    /// Sends whatever is given.
    pub async fn raw(&self, path: &str, body: &str, authorized: bool) -> Result<Reply, String> {
        let call = Call { method: "POST", path: path.to_owned(), body: body.to_owned(), authorized };
        self.caller.call(call).await
    }

    /// Sends a message to the route that fits it.
    pub async fn send(&self, kind: Kind, code: Option<&str>, message: &Json) -> Result<Reply, String> {
        let (method, path) = match code {
            None => ("POST", kind.create_path().to_owned()),
            Some(code) => ("PUT", kind.update_path(code)),
        };
        let call = Call { method, path, body: message.to_string(), authorized: true };
        self.caller.call(call).await
    }

    /// Pushes new objects of this vector's property.
    pub async fn new_objects(&mut self, kind: Kind, objects: Vec<Json>) -> Result<Reply, String> {
        let message = sample::message(&self.id(), kind, Op::New, &self.property(), objects);
        self.send(kind, None, &message).await
    }

    /// Changes one object of this vector's property.
    pub async fn change(&mut self, kind: Kind, op: Op, object: Json) -> Result<Reply, String> {
        let code = object.given("code").and_then(Json::text).unwrap_or_default().to_owned();
        let mut message = sample::message(&self.id(), kind, op, &self.property(), Vec::new());
        message.take(kind.list_key());
        message.set(kind.single_key(), object);
        self.send(kind, Some(&code), &message).await
    }

    /// Pushes the products of a rate plan.
    pub async fn products(&mut self, rateplan: &str, rooms: &[&str]) -> Result<Reply, String> {
        let products = rooms.iter().map(|room| sample::product(rateplan, room, &[])).collect();
        let message = sample::products(&self.id(), &self.property(), rateplan, products);
        self.send(Kind::Product, None, &message).await
    }

    /// Asks for objects of this vector's property.
    pub async fn audit(&mut self, kind: Kind, filter: Json) -> Result<Vec<Json>, String> {
        let mut message = json::object([
            ("messageId", Json::Text(self.id())),
            ("propertyCode", Json::Text(self.property())),
        ]);
        if let Some(key) = kind.filter_key() {
            message.set(key, filter);
        }
        let reply = self.raw(kind.audit_path(), &message.to_string(), true).await?;
        let body = parsed(&reply)?;
        accepted(&reply)?;
        match body.given(kind.list_key()) {
            Some(Json::List(found)) => Ok(found.clone()),
            Some(one) => Ok(vec![one.clone()]),
            None => Err(format!("the audit has no `{}`: {}", kind.list_key(), reply.body)),
        }
    }

    /// The hotel of this vector, and what hangs below it, must exist first.
    pub async fn furnish(&mut self) -> Verdict {
        let property = self.property();
        accepted(&self.new_objects(Kind::Hotel, vec![sample::hotel(&property)]).await?)?;
        accepted(&self.new_objects(Kind::Policy, vec![sample::policy("C24H")]).await?)?;
        accepted(&self.new_objects(Kind::Tax, vec![sample::tax("CITY")]).await?)?;
        accepted(&self.new_objects(Kind::Room, vec![sample::room("A"), sample::room("B")]).await?)?;
        let plans = vec![sample::rateplan("RP1", "C24H"), sample::rateplan("RP2", "C24H")];
        accepted(&self.new_objects(Kind::RatePlan, plans).await?)
    }
}

/// The answer as JSON.
pub fn parsed(reply: &Reply) -> Result<Json, String> {
    json::parse(reply.body.as_bytes())
        .map_err(|fault| format!("HTTP {}, and the body is not JSON ({fault}): {}", reply.http, reply.body))
}

/// 2xx and `success:true`.
pub fn accepted(reply: &Reply) -> Verdict {
    let body = parsed(reply)?;
    let success = body.get("status").and_then(|status| status.get("success"));
    if (200..300).contains(&reply.http) && success == Some(&Json::Flag(true)) {
        Ok(())
    } else {
        Err(format!("expected success, got HTTP {}: {}", reply.http, reply.body))
    }
}

/// `success:false` with this HTTP status and these codes, in any order; with an object's code where one is given.
pub fn refused(reply: &Reply, http: u16, expected: &[(i64, Option<&str>)]) -> Verdict {
    let body = parsed(reply)?;
    let status = body.get("status");
    let errors = status.and_then(|status| status.get("errors")).and_then(Json::list).unwrap_or_default();
    let success = status.and_then(|status| status.get("success"));
    let fits = |(code, object): &(i64, Option<&str>)| {
        errors.iter().any(|error| {
            let own = error.given("objectCode").and_then(Json::text);
            error_code(error) == Some(*code) && object.is_none_or(|object| own == Some(object))
        })
    };
    if reply.http == http
        && success == Some(&Json::Flag(false))
        && errors.len() == expected.len()
        && expected.iter().all(fits)
    {
        Ok(())
    } else {
        let codes: Vec<_> = expected.iter().map(|(code, _)| code.to_string()).collect();
        Err(format!(
            "expected HTTP {http} with {}, got HTTP {}: {}",
            codes.join(", "),
            reply.http,
            reply.body
        ))
    }
}

/// `errorCode`, an integer or a text of one (spec 2.6).
#[must_use]
pub fn error_code(error: &Json) -> Option<i64> {
    match error.given("errorCode")? {
        Json::Number(digits) | Json::Text(digits) => digits.trim().parse().ok(),
        _ => None,
    }
}

/// The same answer to the message's id.
pub fn echoes(reply: &Reply, id: &str) -> Verdict {
    let body = parsed(reply)?;
    let own = body.get("messageId").and_then(Json::text);
    if own == Some(id) { Ok(()) } else { Err(format!("messageId is {own:?}, not {id:?}")) }
}

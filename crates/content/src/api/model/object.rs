//! `GET`, `PUT` and `DELETE /resources/v1/content/properties/<property>/<kind>/<code>`; hotels go the same way.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::response::Response;
use waypost_store::{Sql, StoreError};

use super::door::{self, Call, Fault};
use super::query::{self, Given};
use super::shown;
use crate::api::ContentState;
use crate::kind::{Kind, Op};
use crate::records::env::Env;
use crate::records::model::ModelShelf;
use crate::records::objects::{self, AtPartner, Removal, Stored};
use crate::rules::{self, Decision, Place, Refusal};
use crate::wire::json::{self, Json};
use crate::wire::push::{self, Push};

/// The object a path names.
pub(super) struct Named {
    /// Its property.
    pub property: String,
    /// Its kind, or why there is none.
    pub kind: Result<Kind, Fault>,
    /// Its code; of products their rate plan's.
    pub code: String,
}

type InPath = Result<Path<(String, String, String)>, PathRejection>;

fn named(path: InPath) -> Named {
    let (property, word, code) = path.map(|Path(path)| path).unwrap_or_default();
    Named { property, kind: shown::kind(&word), code }
}

/// Shows one object.
pub(super) async fn show_one(
    State(state): State<ContentState>,
    path: InPath,
    request: Request<Body>,
) -> Response {
    show(state, named(path), request).await
}

/// Puts one object in place of what is there.
pub(super) async fn put_one(
    State(state): State<ContentState>,
    path: InPath,
    request: Request<Body>,
) -> Response {
    put(state, named(path), request).await
}

/// Takes one object away.
pub(super) async fn delete_one(
    State(state): State<ContentState>,
    path: InPath,
    request: Request<Body>,
) -> Response {
    delete(state, named(path), request).await
}

/// The object, with what its partners have of it.
pub(super) async fn show(state: ContentState, named: Named, request: Request<Body>) -> Response {
    door::answer(state, request, async |call| {
        let Named { property, kind, code } = named;
        let kind = kind?;
        Given::of(&call.parts.uri)?.end()?;
        found(call, property, kind, code, StatusCode::OK).await
    })
    .await
}

async fn found(
    call: &Call<'_>,
    property: String,
    kind: Kind,
    code: String,
    status: StatusCode,
) -> Result<(StatusCode, Json), Fault> {
    let (ctx, env) = (call.ctx, call.env()?);
    let of = (property, code.clone());
    let found: Option<(Stored, Vec<AtPartner>)> = call
        .read(move |tx| {
            let Some(stored) = objects::find(tx, &ctx, &of.0, kind, &of.1)? else { return Ok(None) };
            let partners = objects::at_partners(tx, &env, &stored, ctx.tenant.0)?;
            Ok(Some((stored, partners)))
        })
        .await?;
    let (stored, partners) = found.ok_or(Refusal::NotFound(kind, code))?;
    Ok((status, shown::whole(&stored, &partners)))
}

/// Takes the object as it is given, by the checks of a push, and owes it to every partner if it changed.
pub(super) async fn put(state: ContentState, named: Named, request: Request<Body>) -> Response {
    door::answer(state, request, async |call| {
        let Named { property, kind, code } = named;
        let kind = kind?;
        let mut given = Given::of(&call.parts.uri)?;
        let enabled = given.flag("enabled")?;
        given.end()?;
        if enabled.is_some() && !kind.ops().contains(&Op::Disable) {
            let rule = "left out: only hotels, taxes and room types can be disabled";
            return Err(query::invalid("enabled", rule).into());
        }
        let body = json::parse(&call.body().await?)
            .map_err(|fault| Refusal::Invalid(Place::message("body"), format!("JSON; {fault}").into()))?;
        let push = read(kind, &property, &code, body)?;
        let tenant = call.tenant;
        let done = call.write(move |tx, env| apply(tx, env, tenant, &push, enabled)).await?;
        match done {
            Ok(is_new) => {
                let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
                found(call, property, kind, code, status).await
            }
            Err(refusals) => Err(Fault::Refused(refusals)),
        }
    })
    .await
}

/// The push that says the same.
fn read(kind: Kind, property: &str, code: &str, body: Json) -> Result<Push, Fault> {
    let mut message = json::object([("messageId", Json::from("model"))]);
    if kind != Kind::Hotel {
        message.set("propertyCode", Json::from(property));
    }
    match kind {
        Kind::Product => {
            message.set("rateplanCode", Json::from(code));
            message.set(kind.list_key(), body);
        }
        _ => {
            message.set("updateType", Json::from(Op::New.word()));
            message.set(kind.single_key(), body);
        }
    }
    push::read(kind, Some(code), message).map_err(|refused| Fault::Refused(refused.refusals))
}

/// Whether it is new, or why it is refused.
fn apply(
    tx: &mut dyn Sql,
    env: &Env,
    tenant: i64,
    push: &Push,
    enabled: Option<bool>,
) -> Result<Result<bool, Vec<Refusal>>, StoreError> {
    let mut shelf = ModelShelf { tx, env, tenant, changed: 0 };
    let code = push.objects.first().map(|object| object.code.clone()).unwrap_or_default();
    let was = rules::Shelf::enabled(&mut shelf, push.kind, &push.property, &code)?;
    let switch = enabled.map(|on| if on { Op::Enable } else { Op::Disable });
    // What is there is switched with its new content; what is not must be new before it can be disabled.
    let ops = match (was, switch) {
        (Some(_), Some(op)) => vec![op],
        (None, Some(Op::Disable)) => vec![push.op, Op::Disable],
        _ => vec![push.op],
    };
    for op in ops {
        let step = Push { op, ..push.clone() };
        if let Decision::Refused(why, _) = rules::apply(&mut shelf, &step)? {
            return Ok(Err(why));
        }
    }
    Ok(Ok(was.is_none()))
}

/// Disables a hotel or a tax, empties a rate plan's products, takes anything else out of the model.
pub(super) async fn delete(state: ContentState, named: Named, request: Request<Body>) -> Response {
    door::answer(state, request, async |call| {
        let Named { property, kind, code } = named;
        let kind = kind?;
        Given::of(&call.parts.uri)?.end()?;
        match kind {
            Kind::Hotel | Kind::Tax => disable(call, property, kind, code).await,
            Kind::Product => {
                let push = read(kind, &property, &code, Json::List(Vec::new()))?;
                let tenant = call.tenant;
                let done = call.write(move |tx, env| apply(tx, env, tenant, &push, None)).await?;
                done.map_err(Fault::Refused)?;
                found(call, property, kind, code, StatusCode::OK).await
            }
            Kind::Room | Kind::RatePlan | Kind::Policy => remove(call, property, kind, code).await,
        }
    })
    .await
}

async fn disable(
    call: &Call<'_>,
    property: String,
    kind: Kind,
    code: String,
) -> Result<(StatusCode, Json), Fault> {
    let (ctx, tenant) = (call.ctx, call.tenant);
    let of = (property.clone(), code.clone());
    let done = call
        .write(move |tx, env| {
            let Some(stored) = objects::find(tx, &ctx, &of.0, kind, &of.1)? else {
                return Ok(Err(vec![Refusal::NotFound(kind, of.1.clone())]));
            };
            let object = push::Pushed { code: stored.code, body: stored.body };
            let push = Push {
                message_id: String::new(),
                kind,
                op: Op::Disable,
                property: of.0.clone(),
                objects: vec![object],
            };
            apply(tx, env, tenant, &push, Some(false))
        })
        .await?;
    done.map_err(Fault::Refused)?;
    found(call, property, kind, code, StatusCode::OK).await
}

async fn remove(
    call: &Call<'_>,
    property: String,
    kind: Kind,
    code: String,
) -> Result<(StatusCode, Json), Fault> {
    let ctx = call.ctx;
    let of = (property.clone(), code.clone());
    let done = call.write(move |tx, env| objects::remove(tx, env, &ctx, &of.0, kind, &of.1)).await?;
    match done {
        Removal::Removed => {
            let shown = [
                ("propertyCode", Json::Text(property)),
                ("kind", Json::from(kind.word())),
                ("code", Json::Text(code)),
                ("removed", Json::Flag(true)),
            ];
            Ok((StatusCode::OK, json::object(shown)))
        }
        Removal::Unknown => Err(Refusal::NotFound(kind, code).into()),
        Removal::Named(by) => {
            let names: Vec<String> =
                by.iter().map(|(kind, code)| format!("{} {code}", kind.word())).collect();
            Err(Fault::Conflict("code", format!("one that nothing names; {} name it", names.join(", "))))
        }
    }
}

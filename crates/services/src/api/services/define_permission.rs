//! `POST /api/v1/services/permissions`.

use waypost_status::MtapiCode;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::permission::{self, Definition};
use crate::rules::permission::find;
use crate::rules::{Fault, Refusal};
use crate::wire::Fields;
use crate::wire::permission::DefinitionBody;

/// Defines a permission the service does not have yet; a published one needs no names. Its revision is the
/// `ETag`.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let fields = call.fields(MtapiCode::ArgumentError).await?;
    let new = read(&fields, None)?;
    let shown = call.write(move |tx, scope| {
        lookup::service(tx, scope, (Place::Query, "ServiceId"), new.service)?;
        if permission::find(tx, scope, new.service, new.code)?.is_some() {
            let rule = "a permission that the service does not define yet";
            return Err(Refusal::argument("PermissionId", rule).into());
        }
        Ok((permission::define(tx, scope, &new)?, DefinitionBody::of(new.clone())))
    });
    let (revision, shown) = shown.await?;
    Ok(Reply::json(&shown)?.revision(revision))
}

/// The definition of a body: a member that is not written out stays as it was `before`, or has its published name.
///
/// # Errors
/// 901002 that names the member.
pub(super) fn read(fields: &Fields, before: Option<&Definition>) -> Result<Definition, Refusal> {
    let code = fields.id("PermissionId")?;
    let known = find(code);
    let text = |member: &str, now: Option<&str>| {
        let given = fields.opt_text_of(member, 400)?.map(|text| text.trim().to_owned());
        Ok::<_, Refusal>(match now {
            Some(now) if !fields.names(member) => now.to_owned(),
            _ => given.unwrap_or_default(),
        })
    };
    let name = |member: &str, now: Option<&str>| {
        let text = text(member, now)?;
        if text.is_empty() { Err(fields.wrong(member, "a text, mandatory")) } else { Ok(text) }
    };
    let now = |of: fn(&Definition) -> &str| before.map(of);
    Ok(Definition {
        code,
        service: fields.id("ServiceId")?,
        label: text("PermissionAbbrLbl", now(|own| &own.label))?,
        name_en: name("PermissionEnm", now(|own| &own.name_en).or(known.map(|own| own.name_en)))?,
        name_fr: name("PermissionFnm", now(|own| &own.name_fr).or(known.map(|own| own.name_fr)))?,
        comment_en: text("EnglishComment", now(|own| &own.comment_en))?,
        comment_fr: text("FrenchComment", now(|own| &own.comment_fr))?,
        revision: before.map_or(0, |own| own.revision),
    })
}

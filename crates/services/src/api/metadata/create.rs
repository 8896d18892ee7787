//! `POST /api/v1/metadata-definitions`.

use waypost_status::MtapiCode;

use super::body::Body;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::requests::common::offered;
use crate::records::metadata_structure::{self, COLUMNS_MAX, Column, Structure};
use crate::rules::{Fault, Refusal};
use crate::wire::Fields;

/// Adds a version; from then on it is the current one. A version is never changed.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let fields = call.fields(MtapiCode::ArgumentError).await?;
    let new = read(&fields)?;
    let made = call
        .write(move |tx, scope| {
            offered(tx, scope, "ServiceId", new.service).map_err(Fault::in_input)?;
            let taken = || Refusal::argument("VersionNumber", "a version that the service does not have");
            let id = metadata_structure::create(tx, scope, &new)?.ok_or_else(taken)?;
            Ok(Structure { id, ..new.clone() })
        })
        .await?;
    Reply::json(&Body::of(made))
}

fn read(fields: &Fields) -> Result<Structure, Refusal> {
    let given = fields.objects("MetadataStructureColumns")?;
    if given.is_empty() || given.len() > COLUMNS_MAX {
        return Err(fields.wrong("MetadataStructureColumns", format!("1 to {COLUMNS_MAX} columns")));
    }
    let mut columns: Vec<Column> = Vec::new();
    for column in &given {
        let key_name = column.text("KeyName")?;
        if columns.iter().any(|other| other.key_name.to_lowercase() == key_name.to_lowercase()) {
            return Err(column.wrong("KeyName", "a key that no other column has"));
        }
        let or_key =
            |text: Option<String>| text.filter(|text| !text.trim().is_empty()).unwrap_or(key_name.clone());
        columns.push(Column {
            column_name: or_key(column.opt_text("ColumnName")?),
            data_type: column.opt_text("DataType")?.unwrap_or_else(|| "string".to_owned()),
            key_name_en: or_key(column.opt_text("KeyNameEng")?),
            key_name_fr: or_key(column.opt_text("KeyNameFra")?),
            is_searchable: column.flag("IsSearchable", false)?,
            key_name,
        });
    }
    Ok(Structure { id: 0, service: fields.id("ServiceId")?, version: fields.text("VersionNumber")?, columns })
}

//! A metadata definition as it is shown.

use serde::Serialize;

use crate::records::metadata_structure::{Column, Structure};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Body {
    id: i64,
    service_id: i64,
    version_number: String,
    metadata_structure_columns: Vec<ColumnBody>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ColumnBody {
    column_name: String,
    data_type: String,
    key_name: String,
    key_name_eng: String,
    key_name_fra: String,
    is_searchable: bool,
}

impl Body {
    pub fn of(structure: Structure) -> Self {
        let column = |column: Column| ColumnBody {
            column_name: column.column_name,
            data_type: column.data_type,
            key_name: column.key_name,
            key_name_eng: column.key_name_en,
            key_name_fra: column.key_name_fr,
            is_searchable: column.is_searchable,
        };
        Self {
            id: structure.id,
            service_id: structure.service,
            version_number: structure.version,
            metadata_structure_columns: structure.columns.into_iter().map(column).collect(),
        }
    }
}

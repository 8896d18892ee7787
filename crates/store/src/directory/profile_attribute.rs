//! Attributes that a tenant has added to its master profile store (spec 7.3).

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::sql::Sql;
use crate::{Param, Row, StoreError};

/// What the values of an attribute are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AttributeKind {
    /// Any text.
    Text,
    /// A decimal number.
    Number,
    /// 0 or 1.
    Flag,
    /// A date, with or without a time.
    Date,
}

impl AttributeKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Text, Self::Number, Self::Flag, Self::Date];

    /// The stored word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Flag => "flag",
            Self::Date => "date",
        }
    }

    /// From the stored word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// One attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProfileAttribute {
    /// Its row; the wire shows a number made of it.
    pub id: i64,
    /// The tenant's row.
    pub tenant: i64,
    /// Its name, unique in the tenant whatever the case.
    pub name: String,
    /// What its values are.
    pub kind: AttributeKind,
}

/// Columns of [`from_row`]; all attributes when ?1 is 0, otherwise those of one tenant.
pub(super) const SELECT: &str =
    "SELECT id, tenant, name, kind FROM profile_attribute WHERE (tenant = ?1 OR ?1 = 0) ORDER BY id";

pub(super) fn from_row(row: &Row) -> Result<ProfileAttribute, StoreError> {
    let kind = row.text(3)?;
    Ok(ProfileAttribute {
        id: row.int(0)?,
        tenant: row.int(1)?,
        name: row.text(2)?.to_owned(),
        kind: AttributeKind::parse(kind)
            .ok_or_else(|| StoreError::Corrupt(format!("the kind of a profile attribute is {kind}")))?,
    })
}

/// The attributes of every tenant.
pub(super) fn load(tx: &mut dyn Sql) -> Result<HashMap<i64, Vec<ProfileAttribute>>, StoreError> {
    let mut of_tenant: HashMap<i64, Vec<ProfileAttribute>> = HashMap::new();
    for row in tx.query(SELECT, &[Param::Int(0)])? {
        let attribute = from_row(&row)?;
        of_tenant.entry(attribute.tenant).or_default().push(attribute);
    }
    Ok(of_tenant)
}

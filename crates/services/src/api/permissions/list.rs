//! `GET /api/v1/permissions`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::permission;
use crate::rules::Fault;
use crate::rules::permission::{Group, KNOWN, find};
use crate::wire::permission::PermissionBody;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GroupBody {
    english_name: &'static str,
    french_name: &'static str,
    permissions: Vec<PermissionBody>,
}

/// The published permissions and those the application's services define, by code. The shape
/// of the groups is ours: the published material has none.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let defined = call
        .read(|tx, scope| {
            let all = permission::all(tx, scope)?;
            Ok(all.into_iter().filter(|own| scope.covers(own.service)).collect::<Vec<_>>())
        })
        .await?;
    let mut all: BTreeMap<i64, PermissionBody> =
        KNOWN.iter().map(|known| (known.code, PermissionBody::known(known))).collect();
    for own in &defined {
        all.entry(own.code).or_insert_with(|| PermissionBody::defined(own));
    }
    if !call.flag("groupPermissions", false) {
        return Reply::json(&all.into_values().collect::<Vec<_>>());
    }
    let group_of = |code| find(code).map_or(Group::Other, |known| known.group);
    let groups = Group::ALL.iter().map(|group| GroupBody {
        english_name: group.names().0,
        french_name: group.names().1,
        permissions: all.values().filter(|own| group_of(own.permission_id) == *group).cloned().collect(),
    });
    Reply::json(&groups.filter(|group| !group.permissions.is_empty()).collect::<Vec<_>>())
}

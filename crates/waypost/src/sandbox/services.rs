//! What a fresh sandbox holds of the services family: an application with its key, a service with a metadata definition and a
//! service standard, people, an organization, and a request.

use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use waypost_core::time::{Clock, Micros, SystemClock};
use waypost_services::records::application::{self, Application, Issuer};
use waypost_services::records::coordinate::{Coordinate, CoordinateKind};
use waypost_services::records::metadata_structure::{self, Column, Structure};
use waypost_services::records::organization::{self, Organization};
use waypost_services::records::request::{self, Request, RequestKind};
use waypost_services::records::service::{self, Service};
use waypost_services::records::service_parts::{self, EntityType};
use waypost_services::records::user::{self, User, UserType};
use waypost_services::records::{Scope, enrolment};
use waypost_services::rules::enrolment::State;
use waypost_services::rules::{Grants, RequestStatus};
use waypost_store::directory::admin;
use waypost_store::{Ctx, Sql, StoreError, TenantId};

use super::seed::TENANT;
use crate::config::Config;
use crate::wiring;

/// Where keys and ids are kept for the next start with the same folder.
const FILE: &str = "sandbox-services.json";

/// Keys and ids of the sandbox's service desk, apart from its address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desk {
    api_key: String,
    app_jwt: String,
    service_id: i64,
    user_id: i64,
    other_user_id: i64,
    internal_user_id: i64,
    organization_id: i64,
    service_request_id: i64,
}

/// What the ready file says of the services family.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReadyServices {
    /// What stands before `/api/v1`.
    pub base_url: String,
    /// For the header `api-key`.
    pub api_key: String,
    /// For the header `app-jwt`.
    pub app_jwt: String,
    /// A live service with a metadata definition and a service standard.
    pub service_id: i64,
    /// An external user, enrolled in it.
    pub user_id: i64,
    /// An external user who is not.
    pub other_user_id: i64,
    /// An employee.
    pub internal_user_id: i64,
    /// An organization that may use the service.
    pub organization_id: i64,
    /// A request of the user.
    pub service_request_id: i64,
}

impl Desk {
    /// With the address it is served at.
    pub fn at(self, base_url: &str) -> ReadyServices {
        ReadyServices {
            base_url: base_url.to_owned(),
            api_key: self.api_key,
            app_jwt: self.app_jwt,
            service_id: self.service_id,
            user_id: self.user_id,
            other_user_id: self.other_user_id,
            internal_user_id: self.internal_user_id,
            organization_id: self.organization_id,
            service_request_id: self.service_request_id,
        }
    }
}

/// Makes the service desk in the store of `config`, in the sandbox's tenant, or finds what an earlier start made.
///
/// # Errors
/// When the store, the master key or the file cannot be had.
pub async fn prepare(config: &Config) -> anyhow::Result<Desk> {
    let file = config.store.data_dir.join(FILE);
    if let Some(known) = read(&file)? {
        return Ok(known);
    }
    let store = wiring::open_or_create(config).await?;
    let master = wiring::master_key(config)?;
    let (now, settings) = (SystemClock.now(), config.services.clone());
    let prepared = store
        .write(move |tx| {
            let issuer = Issuer { issuer: &settings.issuer, audience: &settings.audience, master: &master };
            create(tx, now, &issuer)
        })
        .await;
    store.close().await;
    let desk = prepared.context("preparing the sandbox's service desk")?;
    std::fs::write(&file, serde_json::to_vec_pretty(&desk)?)
        .with_context(|| format!("writing {}", file.display()))?;
    Ok(desk)
}

fn read(file: &Path) -> anyhow::Result<Option<Desk>> {
    if !file.exists() {
        return Ok(None);
    }
    let text = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    Ok(Some(serde_json::from_slice(&text).with_context(|| format!("reading {}", file.display()))?))
}

fn create(tx: &mut dyn Sql, now: Micros, issuer: &Issuer<'_>) -> Result<Desk, StoreError> {
    let tenant = admin::tenant_by_slug(tx, &Ctx::operator(TenantId::ALL), TENANT)?;
    let scope = Scope::operator(TenantId(tenant.id), now);
    let (service_id, structure, standard) = offer(tx, &scope)?;
    let (api_key, app_jwt) = caller(tx, &scope, issuer)?;
    let user_id = user::create(tx, &scope, &person(UserType::External, "Alex", "Applicant", "MBUN-0001"))?;
    let other_user_id =
        user::create(tx, &scope, &person(UserType::External, "Robin", "Resident", "MBUN-0002"))?;
    let internal_user_id = user::create(tx, &scope, &person(UserType::Internal, "Sam", "Staff", "SAMS"))?;
    for user in [user_id, internal_user_id] {
        enrolment::put(tx, &scope, (user, service_id, None), (State::Active, None), false)?;
    }
    let organization_id = organization::create(tx, &scope, &company())?;
    service_parts::bind_organization(tx, &scope, service_id, organization_id)?;
    let request = Request { metadata_structure: Some(structure), standard, ..draft(user_id, service_id) };
    let service_request_id = request::create(tx, &scope, &request)?
        .ok_or_else(|| StoreError::Refused("the request's guid is taken".to_owned()))?;
    Ok(Desk {
        api_key,
        app_jwt,
        service_id,
        user_id,
        other_user_id,
        internal_user_id,
        organization_id,
        service_request_id,
    })
}

/// The service, its newest metadata definition and its standard.
fn offer(tx: &mut dyn Sql, scope: &Scope) -> Result<(i64, i64, i64), StoreError> {
    let group = service_parts::add_group(tx, scope, ("Licences", "Permis"))?;
    let id = service::create(
        tx,
        scope,
        &Service {
            id: 0,
            short_name: "PERMIT".to_owned(),
            name_en: "Vessel permit".to_owned(),
            name_fr: "Permis de bâtiment".to_owned(),
            group: Some(group),
            base_url: "https://permits.example/apply".to_owned(),
            is_visible: true,
            self_enrol: true,
            requires_requester: false,
            is_live: true,
        },
    )?;
    for status in RequestStatus::ALL {
        // The clock stands still while the applicant has the request in hand, or nobody has.
        let off = [RequestStatus::InProgress, RequestStatus::InformationRequired, RequestStatus::OnHold];
        service_parts::set_status(tx, scope, id, *status, !off.contains(status))?;
    }
    let standard = service_parts::add_standard(tx, scope, id, ("Ten days", "Dix jours"), 10)?;
    service_parts::add_attribute(tx, scope, id, ("Renewal", "Renouvellement"))?;
    service_parts::add_activity(tx, scope, id, ("Review", "Révision"))?;
    for (order, (code, name_en, name_fr)) in (1..).zip(ENTITY_TYPES) {
        let kind = EntityType {
            type_code: "VESSEL".to_owned(),
            id_type_code: (*code).to_owned(),
            name_en: (*name_en).to_owned(),
            name_fr: (*name_fr).to_owned(),
            sort_order: order,
        };
        service_parts::set_entity_type(tx, scope, id, &kind)?;
    }
    let structure = Structure { id: 0, service: id, version: "1.0".to_owned(), columns: columns() };
    let structure = metadata_structure::create(tx, scope, &structure)?
        .ok_or_else(|| StoreError::Refused("the definition is there already".to_owned()))?;
    Ok((id, structure, standard))
}

const ENTITY_TYPES: &[(&str, &str, &str)] = &[
    ("VESSEL_NM", "Vessel Name", "Nom du bâtiment"),
    ("CDN_SHIP_IND", "Canadian Ship Indicator", "Indicateur de navire canadien"),
    ("IMO", "IMO Number", "Numéro OMI"),
    ("OFFICIAL_NO", "Official Number", "Numéro officiel"),
];

fn columns() -> Vec<Column> {
    let column = |key: &str, en: &str, fr: &str, is_searchable| Column {
        column_name: key.to_uppercase(),
        data_type: "string".to_owned(),
        key_name: key.to_owned(),
        key_name_en: en.to_owned(),
        key_name_fr: fr.to_owned(),
        is_searchable,
    };
    vec![
        column("projectName", "project name", "nom du projet", true),
        column("remarks", "remarks", "remarques", false),
    ]
}

fn caller(tx: &mut dyn Sql, scope: &Scope, issuer: &Issuer<'_>) -> Result<(String, String), StoreError> {
    let mut application = Application {
        id: 0,
        slug: "PERMIT".to_owned(),
        name_en: "Vessel permits".to_owned(),
        name_fr: "Permis de bâtiment".to_owned(),
        is_live: true,
        grants: Grants::all(),
        all_services: true,
    };
    application.id = application::create(tx, scope, &application)?;
    let key = application::create_key(tx, scope, &application, issuer)?;
    Ok((key.api_key, key.app_jwt))
}

fn person(kind: UserType, first_name: &str, last_name: &str, name: &str) -> User {
    let internal = kind == UserType::Internal;
    let email = format!("{}@example.org", first_name.to_lowercase());
    User {
        id: 0,
        kind,
        first_name: first_name.to_owned(),
        last_name: last_name.to_owned(),
        mbun: (!internal).then(|| name.to_owned()),
        issuer: (!internal).then(|| "https://gckey.example".to_owned()),
        login: internal.then(|| format!("TC\\{name}")),
        pki: None,
        authentication_type: if internal { "Windows" } else { "GCKey" }.to_owned(),
        verified: true,
        revision: 0,
        coordinates: vec![email_address(&email)],
    }
}

fn email_address(email: &str) -> Coordinate {
    let body = [("EmailAddress".to_owned(), email.into())].into_iter().collect();
    Coordinate {
        id: 0,
        kind: CoordinateKind::Email,
        location_type: Some("Business".to_owned()),
        is_primary: true,
        body,
    }
}

fn company() -> Organization {
    Organization {
        business_system: "MTOA".to_owned(),
        name_en: "Harbour Boats".to_owned(),
        name_fr: "Bateaux du port".to_owned(),
        coordinates: vec![email_address("office@harbour.example")],
        ..Organization::default()
    }
}

fn draft(user: i64, service: i64) -> Request {
    Request {
        id: 0,
        guid: uuid::Uuid::now_v7().to_string(),
        kind: RequestKind::Service,
        user,
        service,
        organization: None,
        status: RequestStatus::InProgress,
        name_en: "Permit for the Marie".to_owned(),
        name_fr: "Permis pour la Marie".to_owned(),
        metadata_structure: None,
        service_attribute: None,
        service_fee: None,
        comment: None,
        requester: Some(user),
        requester_organization: None,
        mail_coordinate: None,
        place_of_supply: Some("ON".to_owned()),
        standard: 0,
        metadata: None,
        parent: None,
        revision: 0,
        updated_at: Micros(0),
    }
}

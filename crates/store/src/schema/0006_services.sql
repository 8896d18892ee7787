-- The services family. See 0001_initial.sql for the tokens. Every table has its tenant in front of its keys.

-- ---- Who may call. ----

-- name_fr and what follows describe the application to people (user application management).
CREATE TABLE sd_application (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    slug TEXT NOT NULL,
    name_en TEXT NOT NULL,
    name_fr TEXT NOT NULL,
    acronym_en TEXT NOT NULL,
    acronym_fr TEXT NOT NULL,
    description_en TEXT NOT NULL,
    description_fr TEXT NOT NULL,
    manage_internal BIGINT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('live', 'suspended')),
    grants TEXT NOT NULL,
    all_services BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (tenant, slug)
) {strict};

-- suffix is the part of the key that its token repeats (CorrelationKey); secret signs the token, sealed.
CREATE TABLE sd_application_key (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    application BIGINT NOT NULL REFERENCES sd_application (id),
    hash {blob} NOT NULL UNIQUE,
    suffix TEXT NOT NULL,
    secret {blob} NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
) {strict};

CREATE TABLE sd_application_service (
    tenant BIGINT NOT NULL,
    application BIGINT NOT NULL REFERENCES sd_application (id),
    service BIGINT NOT NULL,
    PRIMARY KEY (tenant, application, service)
) {without_rowid};

-- Roles of people in an application (spec 4.3).
CREATE TABLE sd_role (
    tenant BIGINT NOT NULL,
    application BIGINT NOT NULL REFERENCES sd_application (id),
    role BIGINT NOT NULL,
    name_en TEXT NOT NULL,
    name_fr TEXT NOT NULL,
    manages_users BIGINT NOT NULL,
    permissions TEXT NOT NULL,
    PRIMARY KEY (tenant, application, role)
) {without_rowid};

CREATE TABLE sd_role_user (
    tenant BIGINT NOT NULL,
    application BIGINT NOT NULL REFERENCES sd_application (id),
    user_id BIGINT NOT NULL,
    service BIGINT NOT NULL,
    role BIGINT NOT NULL,
    active BIGINT NOT NULL,
    created_by BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, application, user_id, service, role)
) {without_rowid};

-- ---- What is offered. ----

CREATE TABLE sd_service_group (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    name_en TEXT NOT NULL,
    name_fr TEXT NOT NULL
) {strict};

CREATE TABLE sd_service (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    short_name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    name_fr TEXT NOT NULL,
    service_group BIGINT,
    base_url TEXT NOT NULL,
    visible BIGINT NOT NULL,
    self_enrol BIGINT NOT NULL,
    requires_requester BIGINT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('live', 'suspended')),
    created_at BIGINT NOT NULL,
    UNIQUE (tenant, short_name)
) {strict};

-- The statuses a service uses, and whether its clock runs in them. No row: all known statuses, the clock runs.
CREATE TABLE sd_service_status (
    tenant BIGINT NOT NULL,
    service BIGINT NOT NULL,
    status BIGINT NOT NULL,
    clock_on BIGINT NOT NULL,
    PRIMARY KEY (tenant, service, status)
) {without_rowid};

CREATE TABLE sd_service_standard (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    service BIGINT NOT NULL,
    name_en TEXT NOT NULL,
    name_fr TEXT NOT NULL,
    days BIGINT NOT NULL
) {strict};

CREATE TABLE sd_service_attribute (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    service BIGINT NOT NULL,
    name_en TEXT NOT NULL,
    name_fr TEXT NOT NULL
) {strict};

CREATE TABLE sd_service_activity (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    service BIGINT NOT NULL,
    name_en TEXT NOT NULL,
    name_fr TEXT NOT NULL
) {strict};

CREATE TABLE sd_service_entity_type (
    tenant BIGINT NOT NULL,
    service BIGINT NOT NULL,
    type_code TEXT NOT NULL,
    id_type_code TEXT NOT NULL,
    name_en TEXT NOT NULL,
    name_fr TEXT NOT NULL,
    sort_order BIGINT NOT NULL,
    PRIMARY KEY (tenant, service, type_code, id_type_code)
) {without_rowid};

CREATE TABLE sd_service_organization (
    tenant BIGINT NOT NULL,
    service BIGINT NOT NULL,
    organization BIGINT NOT NULL,
    PRIMARY KEY (tenant, service, organization)
) {without_rowid};

CREATE TABLE sd_service_permission (
    tenant BIGINT NOT NULL,
    service BIGINT NOT NULL,
    permission BIGINT NOT NULL,
    label TEXT NOT NULL,
    name_en TEXT NOT NULL,
    name_fr TEXT NOT NULL,
    comment_en TEXT NOT NULL,
    comment_fr TEXT NOT NULL,
    PRIMARY KEY (tenant, service, permission)
) {without_rowid};

CREATE TABLE sd_setting (
    tenant BIGINT NOT NULL,
    service BIGINT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, service, name)
) {without_rowid};

CREATE TABLE sd_preference (
    tenant BIGINT NOT NULL,
    service BIGINT NOT NULL,
    name TEXT NOT NULL,
    description_en TEXT,
    description_fr TEXT,
    setting_type TEXT,
    value TEXT,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, service, name)
) {without_rowid};

CREATE TABLE sd_metadata_structure (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    service BIGINT NOT NULL,
    version TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (tenant, service, version)
) {strict};

CREATE TABLE sd_metadata_column (
    tenant BIGINT NOT NULL,
    structure BIGINT NOT NULL REFERENCES sd_metadata_structure (id),
    n BIGINT NOT NULL,
    column_name TEXT NOT NULL,
    data_type TEXT NOT NULL,
    key_name TEXT NOT NULL,
    key_name_en TEXT NOT NULL,
    key_name_fr TEXT NOT NULL,
    searchable BIGINT NOT NULL,
    PRIMARY KEY (tenant, structure, n)
) {without_rowid};

-- ---- People and organizations. ----

-- kind: 1 guest, 2 internal, 3 external. login and email keys are lower case, for look-ups.
CREATE TABLE sd_user (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    kind BIGINT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    mbun TEXT,
    issuer TEXT,
    login TEXT,
    login_key TEXT,
    pki TEXT,
    authentication_type TEXT NOT NULL,
    verified BIGINT NOT NULL,
    email_code {blob},
    deleted BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) {strict};
CREATE UNIQUE INDEX sd_user_mbun ON sd_user (tenant, mbun) WHERE mbun IS NOT NULL AND deleted = 0;
CREATE UNIQUE INDEX sd_user_login ON sd_user (tenant, login_key) WHERE login_key IS NOT NULL AND deleted = 0;
CREATE UNIQUE INDEX sd_user_pki ON sd_user (tenant, pki) WHERE pki IS NOT NULL AND deleted = 0;

CREATE TABLE sd_organization (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    source_id BIGINT,
    source_reference TEXT,
    business_system TEXT NOT NULL,
    name_en TEXT NOT NULL,
    name_fr TEXT NOT NULL,
    organization_type TEXT,
    business_number TEXT,
    deleted BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) {strict};
CREATE INDEX sd_organization_name ON sd_organization (tenant, deleted, name_en);

-- owner_kind: 1 user, 2 organization. kind: 1 phone, 2 email, 3 address. body is the rest as JSON.
CREATE TABLE sd_coordinate (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    owner_kind BIGINT NOT NULL,
    owner BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    location_type TEXT,
    is_primary BIGINT NOT NULL,
    email_key TEXT,
    body TEXT NOT NULL
) {strict};
CREATE INDEX sd_coordinate_owner ON sd_coordinate (tenant, owner_kind, owner);
CREATE INDEX sd_coordinate_email ON sd_coordinate (tenant, email_key) WHERE email_key IS NOT NULL;

CREATE TABLE sd_business_system (
    tenant BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    service BIGINT NOT NULL,
    system TEXT NOT NULL,
    reference TEXT NOT NULL,
    PRIMARY KEY (tenant, user_id, service, system)
) {without_rowid};

-- The client service: organization 0 for none. state: 0 prepared, 1 active, 2 inactive, 3 withdrawn.
CREATE TABLE sd_enrolment (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    user_id BIGINT NOT NULL,
    service BIGINT NOT NULL,
    organization BIGINT NOT NULL,
    state BIGINT NOT NULL,
    self_enrolled BIGINT NOT NULL,
    key_hash {blob},
    deactivate_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (tenant, user_id, service, organization)
) {strict};
CREATE INDEX sd_enrolment_service ON sd_enrolment (tenant, service, user_id);
CREATE INDEX sd_enrolment_key ON sd_enrolment (key_hash) WHERE key_hash IS NOT NULL;

CREATE TABLE sd_user_permission (
    tenant BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    service BIGINT NOT NULL,
    organization BIGINT NOT NULL,
    permission BIGINT NOT NULL,
    granted_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, user_id, service, organization, permission)
) {without_rowid};
CREATE INDEX sd_user_permission_holders ON sd_user_permission (tenant, permission, service);

-- ---- Service requests. ----

-- kind: 0 of a service, 1 invite, 2 account recovery. metadata is [{"Key","Value"}] as JSON. deleted stands in front in
-- every index, so that counting reads nothing but the index. revision is the ETag. sd_request_facets holds what
-- the query language compares, so that a filter over a service reads no row.
CREATE TABLE sd_request (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    guid TEXT NOT NULL,
    kind BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    service BIGINT NOT NULL,
    organization BIGINT,
    status BIGINT NOT NULL,
    name_en TEXT NOT NULL,
    name_fr TEXT NOT NULL,
    metadata_structure BIGINT,
    service_attribute BIGINT,
    service_fee BIGINT,
    comment TEXT,
    requester BIGINT,
    requester_organization BIGINT,
    mail_coordinate BIGINT,
    place_of_supply TEXT,
    service_standard BIGINT NOT NULL,
    metadata TEXT,
    parent BIGINT,
    deleted BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (tenant, guid)
) {strict};
CREATE INDEX sd_request_service ON sd_request (tenant, deleted, service, id);
CREATE INDEX sd_request_facets ON sd_request
    (tenant, deleted, service, status, id, place_of_supply, service_attribute, updated_at);
CREATE INDEX sd_request_user ON sd_request (tenant, deleted, user_id, service, id);
CREATE INDEX sd_request_organization ON sd_request (tenant, deleted, organization, id) WHERE organization IS NOT NULL;
CREATE INDEX sd_request_updated ON sd_request (tenant, deleted, updated_at, id);

-- The searchable values of a request's metadata, one row a key; key and value in lower case.
CREATE TABLE sd_request_metadata (
    tenant BIGINT NOT NULL,
    service BIGINT NOT NULL,
    key_name TEXT NOT NULL,
    request BIGINT NOT NULL REFERENCES sd_request (id),
    value TEXT NOT NULL,
    PRIMARY KEY (tenant, service, key_name, request)
) {without_rowid};
CREATE INDEX sd_request_metadata_request ON sd_request_metadata (request);

-- service is that of the request, so that a part of a name is looked for among the entities of one service alone.
CREATE TABLE sd_request_entity (
    tenant BIGINT NOT NULL,
    request BIGINT NOT NULL REFERENCES sd_request (id),
    n BIGINT NOT NULL,
    service BIGINT NOT NULL,
    type_code TEXT NOT NULL,
    id_type_code TEXT NOT NULL,
    value TEXT NOT NULL,
    value_key TEXT NOT NULL,
    PRIMARY KEY (tenant, request, n)
) {without_rowid};
CREATE INDEX sd_request_entity_value ON sd_request_entity (tenant, id_type_code, value_key, request);
CREATE INDEX sd_request_entity_service ON sd_request_entity (tenant, service, id_type_code, value_key, request);

CREATE TABLE sd_history (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    request BIGINT NOT NULL REFERENCES sd_request (id),
    status BIGINT NOT NULL,
    clock_on BIGINT NOT NULL,
    service_standard BIGINT NOT NULL,
    at BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    comment TEXT
) {strict};
CREATE INDEX sd_history_request ON sd_history (tenant, request, at, id);

CREATE TABLE sd_assignment (
    tenant BIGINT NOT NULL,
    request BIGINT NOT NULL REFERENCES sd_request (id),
    user_id BIGINT NOT NULL,
    assigned_by BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, request, user_id)
) {without_rowid};
CREATE INDEX sd_assignment_user ON sd_assignment (tenant, user_id, request);

-- What a mailed code opens. kind: 1 transfer, 2 invite, 3 account recovery. At most one open code a request.
CREATE TABLE sd_code (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    kind BIGINT NOT NULL,
    request BIGINT NOT NULL REFERENCES sd_request (id),
    code_hash {blob} NOT NULL,
    about TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
) {strict};
CREATE INDEX sd_code_hash ON sd_code (tenant, kind, code_hash);
CREATE INDEX sd_code_request ON sd_code (tenant, request);

-- kind: 1 image, 2 PDF, 3 metadata, 4 document, 5 signed document. state: 0 active, 1 deleted, 2 replaced. body is kept byte
-- for byte.
CREATE TABLE sd_artifact (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    request BIGINT NOT NULL REFERENCES sd_request (id),
    kind BIGINT NOT NULL,
    version TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    body {blob} NOT NULL,
    state BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) {strict};
CREATE INDEX sd_artifact_request ON sd_artifact (tenant, request, kind, state, id);

CREATE TABLE sd_service_artifact (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    service BIGINT NOT NULL,
    alias TEXT NOT NULL,
    version TEXT NOT NULL,
    body {blob} NOT NULL,
    revision BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (tenant, service, alias, version)
) {strict};

-- A file of a request. state: 0 pending, 1 clean, 2 infected, 3 error, 4 deleted; only a clean one is given out. blob is its
-- name in the blob folder.
CREATE TABLE sd_file (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    request BIGINT NOT NULL REFERENCES sd_request (id),
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    hash TEXT NOT NULL,
    blob TEXT NOT NULL,
    state BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) {strict};
CREATE INDEX sd_file_request ON sd_file (tenant, request, state, id);
CREATE INDEX sd_file_hash ON sd_file (tenant, hash);

-- The last verdict on a content, by its SHA-256.
CREATE TABLE sd_scan (
    tenant BIGINT NOT NULL,
    hash TEXT NOT NULL,
    state BIGINT NOT NULL,
    threat TEXT,
    engine TEXT NOT NULL,
    signatures TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, hash)
) {without_rowid};

CREATE TABLE sd_invoice (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    request BIGINT NOT NULL REFERENCES sd_request (id),
    number TEXT NOT NULL,
    reference TEXT,
    amount TEXT NOT NULL,
    date TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (tenant, number)
) {strict};
CREATE INDEX sd_invoice_request ON sd_invoice (tenant, request);
CREATE INDEX sd_invoice_reference ON sd_invoice (tenant, reference);

CREATE TABLE sd_feedback (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    service BIGINT NOT NULL,
    rating BIGINT NOT NULL,
    comment TEXT,
    at BIGINT NOT NULL
) {strict};

-- Bodies are lists of paragraphs as JSON. A deleted template keeps its row, so that its name may be registered again.
CREATE TABLE sd_email_template (
    tenant BIGINT NOT NULL,
    name TEXT NOT NULL,
    service_name TEXT,
    subject_en TEXT NOT NULL,
    subject_fr TEXT NOT NULL,
    body_en TEXT NOT NULL,
    body_fr TEXT NOT NULL,
    subject_parameters BIGINT NOT NULL,
    body_parameters BIGINT NOT NULL,
    deleted BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, name)
) {without_rowid};

-- ---- Notices. kind: 1 planned outage, 2 unplanned outage, 3 information, 4 warning. ----

CREATE TABLE sd_notice (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    kind BIGINT NOT NULL,
    header_en TEXT,
    header_fr TEXT,
    body_en TEXT,
    body_fr TEXT,
    display_at BIGINT NOT NULL,
    start_at BIGINT NOT NULL,
    end_at BIGINT NOT NULL,
    deleted BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) {strict};
CREATE INDEX sd_notice_end ON sd_notice (tenant, deleted, end_at);

CREATE TABLE sd_notice_service (
    tenant BIGINT NOT NULL,
    service BIGINT NOT NULL,
    notice BIGINT NOT NULL REFERENCES sd_notice (id),
    PRIMARY KEY (tenant, service, notice)
) {without_rowid};
CREATE INDEX sd_notice_service_notice ON sd_notice_service (notice);

-- ---- Who changed what. detail names fields, never personal values. ----

CREATE TABLE sd_audit (
    id {serial},
    tenant BIGINT NOT NULL REFERENCES tenant (id),
    at BIGINT NOT NULL,
    application BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    source TEXT NOT NULL,
    entity TEXT NOT NULL,
    entity_id BIGINT NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL
) {strict};
CREATE INDEX sd_audit_entity ON sd_audit (tenant, entity, entity_id, id);

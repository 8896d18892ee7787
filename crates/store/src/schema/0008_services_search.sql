-- The services family: finding an identifier by any part of it, and revisions where there were none. See 0001_initial.sql for
-- the tokens.

-- A part of the identifier of a regulated entity: its characters from each place on, 16 at most, so that a search for a part is
-- one range of the key. id_type: 1 VESSEL_NM, 2 CDN_SHIP_IND, 3 IMO, 4 OFFICIAL_NO. There is no reference to the request: each
-- row would cost a look-up, and a request is never removed.
CREATE TABLE sd_entity_part (
    tenant BIGINT NOT NULL,
    id_type BIGINT NOT NULL,
    service BIGINT NOT NULL,
    part TEXT NOT NULL,
    request BIGINT NOT NULL,
    PRIMARY KEY (tenant, id_type, service, part, request)
) {without_rowid};

INSERT INTO sd_entity_part (tenant, id_type, service, part, request)
WITH RECURSIVE p (tenant, id_type, service, rest, request) AS (
    SELECT tenant,
        CASE id_type_code WHEN 'VESSEL_NM' THEN 1 WHEN 'CDN_SHIP_IND' THEN 2 WHEN 'IMO' THEN 3 ELSE 4 END,
        service, value_key, request
    FROM sd_request_entity
    WHERE id_type_code IN ('VESSEL_NM', 'CDN_SHIP_IND', 'IMO', 'OFFICIAL_NO') AND value_key <> ''
    UNION ALL
    SELECT tenant, id_type, service, substr(rest, 2), request FROM p WHERE length(rest) > 1
)
SELECT DISTINCT tenant, id_type, service, substr(rest, 1, 16), request FROM p;

-- How many requests of a service are there, kept with each change, so that a page of them need not count. node: which server counted;
-- each writes to a row of its own, so that servers do not wait for one another. n may be negative where others added.
CREATE TABLE sd_request_count (
    tenant BIGINT NOT NULL,
    service BIGINT NOT NULL,
    node BIGINT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (tenant, service, node)
) {without_rowid};

INSERT INTO sd_request_count (tenant, service, node, n)
SELECT tenant, service, 0, count(*) FROM sd_request WHERE deleted = 0 GROUP BY tenant, service;

-- Revisions, shown as ETag.
ALTER TABLE sd_setting ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE sd_preference ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE sd_service_permission ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE sd_invoice ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;

-- Services: when a request of this service enters this status, raise this event (of the events API).
CREATE TABLE sd_status_event (
    tenant BIGINT NOT NULL,
    service BIGINT NOT NULL,
    status BIGINT NOT NULL,
    event BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, service, status, event)
) {without_rowid};

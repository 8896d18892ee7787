-- What changed in a service within some days is one stretch of this index; the facets say only of each of its requests when.
CREATE INDEX sd_request_service_updated ON sd_request (tenant, deleted, service, updated_at, id);

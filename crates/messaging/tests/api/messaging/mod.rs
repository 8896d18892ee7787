mod codes;
mod idempotency;
mod post;
mod status;

mod blocks;
mod codes;
mod fuzz;
mod idempotency;
mod post;
mod status;

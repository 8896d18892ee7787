//! The services family: an online service desk for the public.

#![forbid(unsafe_code)]

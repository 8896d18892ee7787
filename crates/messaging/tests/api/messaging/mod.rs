mod codes;
mod post;
mod status;

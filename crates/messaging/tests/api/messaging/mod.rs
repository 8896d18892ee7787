mod blocks;
mod codes;
mod fuzz;
mod post;
mod status;

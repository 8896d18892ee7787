//! Black-box suites over the whole server

//! The Waypost server, its command line, demo and sandbox

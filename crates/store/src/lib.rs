//! One schema and one set of queries on two engines: SQLite and PostgreSQL

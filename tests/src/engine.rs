//! One rule, two engines.

/// The store a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file in a temporary folder.
    Sqlite,
    /// A database of a private server.
    Postgres,
}

/// Makes two tests of each named rule, `async fn rule(engine: Engine)`: one for each engine.
///
/// A rule that is not named is an unused function, which the lints refuse.
#[macro_export]
macro_rules! on_both_engines {
    ($($rule:ident),+ $(,)?) => {
        $crate::on_engine!(sqlite, Sqlite, $($rule),+);
        $crate::on_engine!(postgres, Postgres, $($rule),+);
    };
}

/// Makes one test of each named rule on one engine.
#[macro_export]
macro_rules! on_engine {
    ($module:ident, $engine:ident, $($rule:ident),+) => {
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $rule() {
                    Box::pin(super::$rule($crate::Engine::$engine)).await;
                }
            )+
        }
    };
}
